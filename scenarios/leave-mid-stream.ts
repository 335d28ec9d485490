/** Callers leave in the middle of their streams, while others stay. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { getTask, leave, openStream, pause, readEvents, readToEnd } from '../harness/script/vocabulary.ts';

const WORK = { chunks: 10, gap_ms: 50 };

export const leaveMidStream = defineScenario({
  name: 'leave-mid-stream',
  title: 'Work whose caller has left goes on or is cancelled as the policy says, and nobody else notices',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  users: 12,
  load: { shape: 'closed' },
  mustExercise: ['disconnect-policy', 'stream-shape', 'no-stuck-task'],
  *script({ agent, say }) {
    const left = yield* openStream(agent, say.slow(WORK));
    const stays = yield* openStream(agent, say.slow(WORK));
    yield* readEvents(left, 2);
    yield* leave(left);
    yield* pause(100);
    yield* getTask(agent, left.task);
    yield* readToEnd(stays);
    yield* getTask(agent, stays.task);
  },
});
