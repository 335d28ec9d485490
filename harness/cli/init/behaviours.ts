/**
 * Tries which behaviours an agent has. A phrase goes into the phrasebook only when the agent has shown what it promises: a wrong
 * promise would have a correct agent accused.
 */
import { INTERRUPTED_STATES } from '../../model/a2a.ts';
import type { BehaviourName, Phrase, Phrasebook } from '../../model/phrasebook.ts';
import { DEFAULT_PHRASEBOOK } from '../../plan/defaults.ts';
import { type Answered, type Conversation, GAP_MS } from './conversation.ts';

interface Trial {
  /** The first that is answered as it should be is kept. */
  readonly phrases: readonly string[];
  readonly stream?: true;
  readonly shows: (answer: Answered) => boolean;
}

/** Fewer pieces, or faster ones, leave nothing to cancel or to watch. */
const PIECES_MIN = 3;

const repeats = ({ said, token }: Answered): boolean => said.includes(token);

const SHORT: Trial = {
  phrases: [DEFAULT_PHRASEBOOK.short?.text ?? '{token}', '{token}'],
  shows: repeats,
};

const TRIALS: Readonly<Partial<Record<BehaviourName, Trial>>> = {
  slow: {
    phrases: [
      'slow {chunks} {gap_ms} {token}',
      'Count slowly from 1 to {chunks}, one number at a time, and then say this word: {token}',
    ],
    stream: true,
    shows: ({ pieces, lasted_ms }) => pieces >= PIECES_MIN && lasted_ms >= GAP_MS,
  },
  asks: {
    phrases: ['ask {token}', 'Ask me one question before you answer. The word is {token}'],
    shows: ({ state }) => state === 'TASK_STATE_INPUT_REQUIRED',
  },
  fails: { phrases: ['fail {token}'], shows: ({ state }) => state === 'TASK_STATE_FAILED' },
};

export interface Behaviours {
  readonly phrasebook: Phrasebook;
  readonly missing: readonly BehaviourName[];
}

export async function tryBehaviours(
  talk: Conversation,
  { streaming }: { readonly streaming: boolean },
): Promise<Behaviours> {
  const short = (await attempt(talk, SHORT)) ?? DEFAULT_PHRASEBOOK.short ?? { text: '{token}' };
  const found: [BehaviourName, Phrase][] = [['short', short]];
  const missing: BehaviourName[] = [];
  for (const [name, trial] of Object.entries(TRIALS) as [BehaviourName, Trial][]) {
    const phrase = trial.stream && !streaming ? undefined : await attempt(talk, trial);
    if (phrase === undefined) missing.push(name);
    else found.push([name, phrase]);
  }
  if (await remembers(talk)) found.push(['remembers', { text: REMEMBER, echoes: true }], ['recalls', { text: RECALL }]);
  else missing.push('remembers', 'recalls');
  return { phrasebook: Object.fromEntries(found), missing };
}

async function attempt(talk: Conversation, { phrases, stream, shows }: Trial): Promise<Phrase | undefined> {
  for (const text of phrases) {
    const answer = await talk.say(text, stream ? { stream } : {});
    await letGo(talk, answer);
    if (shows(answer)) return { text, ...(repeats(answer) ? { echoes: true } : {}) };
  }
  return undefined;
}

/** Nobody is going to answer what it asks. */
async function letGo(talk: Conversation, { state, taskId }: Answered): Promise<void> {
  if (taskId === undefined || state === undefined || !INTERRUPTED_STATES.has(state)) return;
  await talk.ask({ op: 'CancelTask', agent: 'agent', taskId });
}

const REMEMBER = 'remember {token}';
const RECALL = 'recall';

/** An agent that says back whatever it hears must not pass for one with a memory: the second question holds no token. */
async function remembers(talk: Conversation): Promise<boolean> {
  const first = await talk.say(REMEMBER);
  if (first.contextId === undefined || !repeats(first)) return false;
  const { said } = await talk.say(RECALL, { contextId: first.contextId });
  return said.includes(first.token);
}
