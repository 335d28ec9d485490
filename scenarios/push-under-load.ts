/**
 * Each user has two webhooks on a task that waits for him, so that both are there before anything happens. The second one is
 * trouble: it hangs, fails for ever, fails for a while, or is deleted half-way; the first one must be told everything all the same.
 */
import type { HookBehaviour, HookCredentials } from '../harness/model/hooks.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitPush,
  createPushConfig,
  getTask,
  openHook,
  pushConfig,
  sendMessage,
} from '../harness/script/vocabulary.ts';

interface Trouble {
  readonly behaviour: HookBehaviour;
  readonly credentials: HookCredentials;
  readonly fate?: 'recovers' | 'is-deleted';
}

const HANGS: Trouble = { behaviour: { does: 'hang' }, credentials: 'basic' };
const TROUBLES: readonly Trouble[] = [
  HANGS,
  { behaviour: { does: 'fail', status: 503, times: 1_000 }, credentials: 'token' },
  { behaviour: { does: 'fail', status: 500, times: 3 }, credentials: 'bearer', fate: 'recovers' },
  { behaviour: { does: 'take' }, credentials: 'bearer', fate: 'is-deleted' },
];

export const pushUnderLoad = defineScenario({
  name: 'push-under-load',
  title: 'Every webhook is told of its own task, in order and to the end, whatever becomes of other webhooks',
  family: 'concurrent users',
  needs: ['asks', 'slow'],
  capabilities: ['pushNotifications'],
  users: 8,
  load: { shape: 'closed' },
  mustExercise: ['push-delivery/ends', 'push-delivery/deleted'],
  *script({ agent, user, index, say }) {
    const { behaviour, credentials, fate } = TROUBLES[index % TROUBLES.length] ?? HANGS;
    const calm = yield* openHook(`${user}-calm`);
    const trouble = yield* openHook(`${user}-trouble`, behaviour, credentials);
    const { task } = yield* sendMessage(agent, say.asks());
    // The order of one that takes things late is held against that of one that was there before.
    const hooks = fate === 'recovers' ? [calm, trouble] : [trouble, calm];
    const given = new Map<string, string>();
    for (const hook of hooks) {
      const { configId } = yield* createPushConfig(agent, task?.id, hook.name, hook);
      given.set(hook.name, configId ?? hook.name);
    }
    // What is over later was not over when the webhooks were made, nor when one was deleted.
    yield* getTask(agent, task?.id);
    const told = task === undefined ? {} : { taskId: task.id };
    yield* sendMessage(agent, say.asks(), told);
    if (fate === 'is-deleted') {
      yield* pushConfig(agent, 'DeleteTaskPushNotificationConfig', task?.id, given.get(trouble.name) ?? '');
      yield* getTask(agent, task?.id);
    }
    yield* sendMessage(agent, say.slow({ chunks: 8, gap_ms: 20 }), told);
    yield* awaitPush(calm);
    if (fate === 'recovers') yield* awaitPush(trouble);
  },
});
