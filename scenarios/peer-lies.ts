/**
 * The agent's peer is there, and lies: on its card, in the form of its answers, about being done some day, about whose answer it
 * is. The lies of a scenario take turns, and then the peer tells the truth and is to be believed again.
 */
import type { LieName } from '../harness/model/lies.ts';
import type { Scenario, ScheduledFault, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, pause, sendMessage } from '../harness/script/vocabulary.ts';
import { streamRounds } from './rounds.ts';

const USERS = 6;
/** A few times as long as a circuit breaker leaves a peer alone. */
const LIE_MS = 1_000;
/** An agent that is taken in answers at once, and its users must still be there a while after the heal: that is when it is judged. */
const REST_MS = 200;

function* restingRounds(context: ScriptContext, rounds: number) {
  const { agent, say, users } = context;
  yield* sendMessage(agent, say.short());
  yield* barrier('warm', users.length);
  for (let round = 0; round < rounds; round += 1) {
    yield* streamRounds(context, 'delegates', { rounds: 1, retry_ms: 0 });
    yield* pause(REST_MS);
  }
}

const lied = (which: LieName): ScheduledFault => ({
  fault: 'lie',
  target: 'peer',
  which,
  // When all users have had their first answer, and nobody has made the agent ask its peer: it might remember the truth.
  begins: { after_events: USERS, of: 'ok' },
  for_ms: LIE_MS,
});

interface Tale extends Pick<Scenario, 'name' | 'title'> {
  readonly lies: readonly LieName[];
  readonly rounds: number;
  readonly exercises: readonly string[];
}

const lies = ({ name, title, lies: told, rounds, exercises }: Tale): Scenario =>
  defineScenario({
    name,
    title,
    family: 'peer failure',
    needs: ['delegates'],
    capabilities: ['streaming'],
    users: USERS,
    load: { shape: 'closed' },
    faults: told.map(lied),
    mustExercise: [...exercises, 'recovers', 'retries-bounded', 'no-stuck-task'],
    script: (context) => restingRounds(context, rounds),
  });

export const peerLies: readonly Scenario[] = [
  lies({
    name: 'peer-lying-card',
    title: 'When its peer lies on its card an agent says so, and reads the card again',
    lies: ['card-junk', 'card-wrong-url', 'card-elsewhere'],
    rounds: 13,
    exercises: [],
  }),
  lies({
    name: 'peer-junk',
    title: 'When its peer answers junk an agent survives it, and leaves no task open',
    lies: ['unfinished-stream', 'html', 'no-streaming', 'wrong-shape', 'junk'],
    rounds: 13,
    exercises: ['stays-up'],
  }),
  lies({
    name: 'peer-endless',
    title: 'When its peer has no end an agent comes to one, and leaves no task open',
    lies: ['huge', 'silent-stream', 'growing-stream', 'endless-stream'],
    rounds: 8,
    exercises: [],
  }),
  lies({
    name: 'peer-wrong-task',
    title: 'When its peer tells of another task an agent passes nothing of it on',
    lies: ['other-task', 'other-context', 'other-answer'],
    rounds: 13,
    exercises: ['answer-is-mine'],
  }),
];
