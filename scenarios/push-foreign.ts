/**
 * Every user asks for the updates of his neighbour's task, at a webhook of his own; and for the webhook that is there for it, by the
 * id that it has, to read it and to delete it.
 */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitPush,
  awaitShared,
  barrier,
  createPushConfig,
  openHook,
  pushConfig,
  sendMessage,
  share,
} from '../harness/script/vocabulary.ts';

/** An id names a webhook of one task (§3.1.8): that of another task may have the same. */
const SAME_ID = 'webhook';

export const pushForeign = defineScenario({
  name: 'push-foreign',
  title: "A webhook is told nothing of somebody else's task, and of a user's own task all the same",
  family: 'concurrent users',
  needs: ['asks', 'short'],
  capabilities: ['pushNotifications'],
  identities: true,
  users: 4,
  load: { shape: 'closed' },
  mustExercise: ['push-delivery/ends', 'access-matrix'],
  *script(context) {
    const { agent, user, users, index, say, random } = context;
    const neighbour = users[(index + 1) % users.length] ?? user;
    const nosy = yield* openHook(`${user}-nosy`);
    const own = yield* openHook(`${user}-own`);
    const { task } = yield* sendMessage(agent, say.asks());
    yield* share(user, task?.id);
    const foreign = yield* awaitShared(neighbour);
    yield* createPushConfig(agent, random.uuid(), nosy.name, nosy);
    yield* createPushConfig(agent, foreign, nosy.name, nosy);
    yield* createPushConfig(agent, task?.id, SAME_ID, own);
    yield* barrier('asked', users.length);
    yield* reachForWebhook(context, foreign);
    yield* reachForWebhook(context, random.uuid());
    yield* barrier('reached', users.length);
    const told = task === undefined ? {} : { taskId: task.id };
    yield* sendMessage(agent, say.asks(), told);
    yield* sendMessage(agent, say.short(), told);
    yield* awaitPush(own);
  },
});

/** Under the id that the webhook of an open task has. */
function* reachForWebhook({ agent }: ScriptContext, task: string): Act<void> {
  yield* pushConfig(agent, 'ListTaskPushNotificationConfigs', task, SAME_ID);
  yield* pushConfig(agent, 'GetTaskPushNotificationConfig', task, SAME_ID);
  yield* pushConfig(agent, 'DeleteTaskPushNotificationConfig', task, SAME_ID);
}
