/**
 * The agent's peer is there, and lies: on its card, in the form of its answers, about being done some day, about whose answer it
 * is. Lies follow one another, so that the agent meets each, and then the peer tells the truth and is to be believed again.
 */
import type { LieName, Scenario, ScheduledFault, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, pause, sendMessage } from '../harness/script/vocabulary.ts';
import { streamRounds } from './rounds.ts';

/** Longer than a circuit breaker leaves a peer alone. */
const LIE_MS = 800;
const GAP_MS = 50;
/** An agent that is taken in answers at once, and no lie may be missed for that. */
const REST_MS = 150;

interface Pace {
  readonly users: number;
  /** Of each user; some are left when the last lie has been told. */
  readonly rounds: number;
  /** How long the last lie is told. */
  readonly last_ms?: number;
}

function* restingRounds(context: ScriptContext, rounds: number) {
  const { agent, say, users } = context;
  yield* sendMessage(agent, say.short());
  yield* barrier('warm', users.length);
  for (let round = 0; round < rounds; round += 1) {
    yield* streamRounds(context, 'delegates', { rounds: 1, retry_ms: 0 });
    yield* pause(REST_MS);
  }
}

const lied = (which: LieName, index: number, for_ms: number): ScheduledFault => ({
  fault: 'lie',
  target: 'peer',
  which,
  // Before anybody has made the agent ask its peer: it might remember the truth.
  begins: { after_events: 1, of: 'ok', later_ms: index * (LIE_MS + GAP_MS) },
  for_ms,
});

const lies = (
  told: Pick<Scenario, 'name' | 'title' | 'mustExercise'>,
  which: readonly LieName[],
  { users, rounds, last_ms = LIE_MS }: Pace,
): Scenario =>
  defineScenario({
    ...told,
    family: 'peer failure',
    needs: ['delegates'],
    capabilities: ['streaming'],
    users,
    load: { shape: 'closed' },
    faults: which.map((lie, index) => lied(lie, index, index === which.length - 1 ? last_ms : LIE_MS)),
    mustExercise: [...told.mustExercise, 'recovers', 'retries-bounded', 'no-stuck-task'],
    script: (context) => restingRounds(context, rounds),
  });

export const peerLies: readonly Scenario[] = [
  lies(
    {
      name: 'peer-lying-card',
      title: 'When its peer lies on its card an agent says so, and reads the card again',
      mustExercise: [],
    },
    ['card-junk', 'card-wrong-url'],
    { users: 6, rounds: 15 },
  ),
  lies(
    {
      name: 'peer-junk',
      title: 'When its peer answers junk an agent survives it, and leaves no task open',
      mustExercise: ['stays-up'],
    },
    ['unfinished-stream', 'no-streaming', 'wrong-shape', 'junk'],
    { users: 6, rounds: 25 },
  ),
  lies(
    {
      name: 'peer-endless',
      title: 'When its peer has no end an agent comes to one, and leaves no task open',
      mustExercise: [],
    },
    ['growing-stream', 'endless-stream'],
    // What grows takes a while, and who is at it does not meet the next lie yet.
    { users: 4, rounds: 8, last_ms: 1_500 },
  ),
  lies(
    {
      name: 'peer-wrong-task',
      title: 'When its peer tells of another task an agent passes nothing of it on',
      mustExercise: ['answer-is-mine'],
    },
    ['other-task', 'other-context', 'other-answer'],
    { users: 6, rounds: 20 },
  ),
];
