/** A user who reads nothing of a stream with much to read, and users who are served in the meantime while they read theirs. */
import { TERMINAL_STATES } from '../harness/model/a2a.ts';
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
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
  share,
} from '../harness/script/vocabulary.ts';

/** Until all that there is to read has been said, or the agent waits for its reader. */
const LOOKS = 15;
const LOOK_MS = 60;

/** Holds his stream until it has all been said, and then so long that the others must have been served beside it. */
export function* readsNothing({ agent, say, users }: ScriptContext, held_ms: number): Act<void> {
  yield* barrier('others read', users.length);
  const stream = yield* openStream(agent, say.long());
  yield* hold(stream);
  yield* share('held', 'yes');
  for (let look = 0; look < LOOKS && stream.task !== undefined; look += 1) {
    const { task } = yield* getTask(agent, stream.task);
    if (TERMINAL_STATES.has(task?.status.state ?? '')) break;
    yield* pause(LOOK_MS);
  }
  yield* pause(held_ms);
  yield* letGo(stream);
  yield* share('let go', 'yes');
}

export function* readsOn({ agent, say, users }: ScriptContext, meanwhile: () => Act<void>): Act<void> {
  const stream = yield* openStream(agent, say.slow({ chunks: 400, gap_ms: 20 }));
  yield* readEvents(stream, 6);
  yield* barrier('others read', users.length);
  yield* awaitShared('held');
  yield* meanwhile();
  yield* awaitShared('let go');
  yield* pause(100);
  yield* leave(stream);
  yield* cancelTask(agent, stream.task);
}
