/** A user whose connection is gone in the middle of an answer, and who subscribes to the rest of it (§3.1.6). */
import { defineScenario } from '../../harness/script/define-scenario.ts';
import {
  getTask,
  leave,
  openStream,
  pause,
  readEvents,
  readToEnd,
  subscribe,
} from '../../harness/script/vocabulary.ts';

const WORK = { chunks: 10, gap_ms: 40 };
/** So many events come before he goes. */
const EVENTS = 2;
const AWAY_MS = { from: 0, to: 60 };

export const resume = defineScenario({
  name: 'resume',
  title: 'A user leaves a stream before its end, comes back and reads the rest',
  family: 'load',
  needs: ['slow'],
  capabilities: ['streaming'],
  onlyNamed: true,
  users: 20,
  load: { shape: 'constant', rate_per_s: 40 },
  mustExercise: ['stream-shape'],
  *script({ agent, say, random }) {
    const first = yield* readEvents(yield* openStream(agent, say.slow(WORK)), EVENTS);
    yield* leave(first);
    const task = first.task;
    if (task === undefined) return;
    yield* pause(random.between(AWAY_MS.from, AWAY_MS.to));
    const second = yield* subscribe(agent, task);
    // Whose task was over before he was back asks for it instead.
    if (second.outcome.type === 'ok') yield* readToEnd(second);
    else yield* getTask(agent, task);
  },
});
