/** One user opens a stream of much to read and reads nothing of it, while others read theirs. */

import { TERMINAL_STATES } from '../harness/model/a2a.ts';
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitShared,
  barrier,
  cancelTask,
  getTask,
  hold,
  leave,
  letGo,
  openStream,
  pause,
  readEvents,
  sendMessage,
  share,
} from '../harness/script/vocabulary.ts';

/** Until all that there is to read has been said, or the agent waits for its reader. */
const LOOKS = 15;
const LOOK_MS = 60;
const HELD_MS = 700;

export const slowReader = defineScenario({
  name: 'slow-reader',
  title: 'A user who does not read his stream holds up nobody else',
  family: 'concurrent users',
  needs: ['slow', 'long'],
  capabilities: ['streaming'],
  users: 5,
  load: { shape: 'closed' },
  mustExercise: ['slow-reader'],
  script: (context) => (context.index === 0 ? readsNothing(context) : readsOn(context)),
});

function* readsNothing({ agent, say, users }: ScriptContext): Act<void> {
  yield* barrier('others read', users.length);
  const stream = yield* openStream(agent, say.long());
  yield* hold(stream);
  yield* share('held', 'yes');
  for (let look = 0; look < LOOKS && stream.task !== undefined; look += 1) {
    const { task } = yield* getTask(agent, stream.task);
    if (TERMINAL_STATES.has(task?.status.state ?? '')) break;
    yield* pause(LOOK_MS);
  }
  yield* pause(HELD_MS);
  yield* letGo(stream);
  yield* share('let go', 'yes');
}

function* readsOn({ agent, say, users }: ScriptContext): Act<void> {
  const stream = yield* openStream(agent, say.slow({ chunks: 400, gap_ms: 20 }));
  yield* readEvents(stream, 6);
  yield* barrier('others read', users.length);
  yield* awaitShared('held');
  for (let turn = 0; turn < 4; turn += 1) {
    yield* sendMessage(agent, say.short());
    yield* pause(50);
  }
  yield* awaitShared('let go');
  yield* pause(100);
  yield* leave(stream);
  yield* cancelTask(agent, stream.task);
}
