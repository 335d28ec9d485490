/** Three devices watch one task: one from the beginning, one comes late, one comes and goes. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitShared,
  getTask,
  leave,
  openStream,
  pause,
  readEvents,
  readToEnd,
  share,
  subscribe,
} from '../harness/script/vocabulary.ts';

export const subscribeLate = defineScenario({
  name: 'subscribe-late',
  title: 'Everyone who watches a task is told the same story, whenever he came and whoever left',
  family: 'concurrent users',
  needs: ['slow'],
  capabilities: ['streaming'],
  users: 12,
  devices: 3,
  load: { shape: 'constant', rate_per_s: 24 },
  mustExercise: ['same-story', 'stream-shape', 'fold-equals-get', 'overlaps/same-task'],
  *script({ agent, user, device, say, random }) {
    if (device === 0) {
      const stream = yield* openStream(agent, say.slow({ chunks: 10, gap_ms: 40 }));
      yield* share(user, stream.task);
      yield* readToEnd(stream);
      yield* getTask(agent, stream.task);
      return;
    }
    const task = yield* awaitShared(user);
    yield* pause(random.between(0, 200));
    const stream = yield* subscribe(agent, task);
    if (device === 1) {
      yield* readToEnd(stream);
    } else {
      yield* readEvents(stream, 2);
      yield* leave(stream);
    }
  },
});
