/** Two devices of a user let their agent work for them in one conversation at the same time, and follow it by streams. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitShared,
  getTask,
  openStream,
  pause,
  readEvents,
  readToEnd,
  sendMessage,
  share,
} from '../harness/script/vocabulary.ts';

const ROUNDS = 3;
const WORK = { chunks: 5, gap_ms: 20 };

export const twoStreams = defineScenario({
  name: 'two-streams',
  title: 'Of two tasks in one conversation each stream tells its own, and what becomes of one is nothing to the other',
  family: 'concurrent users',
  needs: ['slow', 'short'],
  capabilities: ['streaming'],
  users: 6,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: ['overlaps/same-context', 'stream-shape', 'fold-equals-get'],
  *script({ agent, user, device, say, random }) {
    if (device === 0) {
      const { task, message } = yield* sendMessage(agent, say.short());
      yield* share(user, task?.contextId ?? message?.contextId ?? random.uuid());
    }
    const contextId = yield* awaitShared(user);
    for (let round = 0; round < ROUNDS; round += 1) {
      const together = { name: `${user}/${round}`, parties: 2 };
      const stream = yield* openStream(agent, say.slow(WORK), { contextId, together });
      yield* readEvents(stream, 3);
      if (stream.task !== undefined) yield* getTask(agent, stream.task);
      yield* readToEnd(stream);
      if (stream.task !== undefined) yield* getTask(agent, stream.task);
      yield* pause(random.between(0, 10));
    }
  },
});
