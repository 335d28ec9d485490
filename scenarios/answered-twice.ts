/** A task waits for its user, who answers from two devices in the same moment: one by a blocking send, or both, or by streams. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitShared,
  barrier,
  getTask,
  openStream,
  readToEnd,
  sendMessage,
  share,
} from '../harness/script/vocabulary.ts';

const ROUNDS = 3;
/** Long enough for both to be at work at once where an agent lets them. */
const ANSWER = { chunks: 3, gap_ms: 15 };

export const answeredTwice = defineScenario({
  name: 'answered-twice',
  title: 'A question that is answered twice at once is answered once, and nothing of the answers is doubled or lost',
  family: 'concurrent users',
  needs: ['asks', 'slow'],
  capabilities: ['streaming'],
  users: 8,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: ['overlaps/two-senders', 'fold-equals-get'],
  *script({ agent, user, device, say, random }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `${user}/${round}`;
      if (device === 0) {
        const asked = yield* sendMessage(agent, say.asks());
        yield* share(name, asked.task?.id);
      }
      const taskId = yield* awaitShared(name);
      const answer = { taskId, together: { name, parties: 2 } };
      if (random.pick(['stream', 'wait']) === 'stream') {
        yield* readToEnd(yield* openStream(agent, say.slow(ANSWER), answer));
      } else {
        yield* sendMessage(agent, say.slow(ANSWER), answer);
      }
      yield* barrier(`${name}/answered`, 2);
      if (device === 0) yield* getTask(agent, taskId);
    }
  },
});
