/**
 * Every user tries every operation on his neighbour's open task, and on a task that never was. And he asks for one that is over, and that
 * his neighbour has just read: a cache may hold it, and give it to whoever has the id.
 */

import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitShared,
  barrier,
  cancelTask,
  createPushConfig,
  getTask,
  leave,
  openStream,
  pushConfig,
  readToEnd,
  sendMessage,
  share,
  subscribe,
} from '../harness/script/vocabulary.ts';

/** Nothing listens there: an agent that takes the configuration has already said too much. */
const NOWHERE = 'http://127.0.0.1:9/hook';

export const accessMatrix = defineScenario({
  name: 'access-matrix',
  title: "Somebody else's task answers like a task that does not exist, whatever is asked of it",
  family: 'concurrent users',
  needs: ['slow', 'short'],
  capabilities: ['streaming'],
  identities: true,
  users: 6,
  load: { shape: 'closed' },
  mustExercise: ['access-matrix', 'user-isolation'],
  *script(context) {
    const { agent, user, users, index, say, random } = context;
    const neighbour = users[(index + 1) % users.length] ?? user;
    yield* finishOne(context);
    const own = yield* openStream(agent, say.slow({ chunks: 20, gap_ms: 60 }));
    yield* share(user, own.task);
    const foreign = yield* awaitShared(neighbour);
    yield* tryEverything(context, foreign);
    yield* tryEverything(context, random.uuid());
    // The neighbour's task is cancelled only when everybody has tried the rest, so that all of it met open tasks.
    yield* barrier('tried', users.length);
    yield* cancelTask(agent, foreign);
    yield* cancelTask(agent, random.uuid());
    const over = yield* awaitShared(overOf(neighbour));
    for (const task of over === NONE ? [] : [over, random.uuid()]) {
      yield* getTask(agent, task);
      yield* cancelTask(agent, task);
    }
    yield* readToEnd(own);
  },
});

const overOf = (user: string): string => `${user}/over`;
const NONE = 'none';

/** An agent may answer without a task. */
function* finishOne({ agent, user, say }: ScriptContext): Act<void> {
  const { task } = yield* sendMessage(agent, say.short());
  if (task !== undefined) yield* getTask(agent, task.id);
  yield* share(overOf(user), task?.id ?? NONE);
}

function* tryEverything({ agent, user, say }: ScriptContext, task: string): Act<void> {
  yield* getTask(agent, task);
  const stream = yield* subscribe(agent, task);
  yield* leave(stream);
  yield* sendMessage(agent, say.short(), { taskId: task, returnImmediately: true });
  yield* createPushConfig(agent, task, `of-${user}`, NOWHERE);
  yield* pushConfig(agent, 'ListTaskPushNotificationConfigs', task, `of-${user}`);
  yield* pushConfig(agent, 'GetTaskPushNotificationConfig', task, `of-${user}`);
  yield* pushConfig(agent, 'DeleteTaskPushNotificationConfig', task, `of-${user}`);
}
