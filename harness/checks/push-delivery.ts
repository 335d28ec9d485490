/**
 * §4.3.3, §13.2, §3.1.7, §3.1.10: an agent posts the updates of a task to each webhook that it was given for it, at least once, with the
 * credentials that it was given, and no more once the webhook was deleted. The order is that of §3.5.2, which knows no exception. A
 * webhook that fails may be given up; that it harms no other is a policy, as is by when the end must have been posted.
 */
import type { Check } from '../model/check.ts';
import type { FailEvent, InvokeEvent, PushEvent } from '../model/history.ts';
import type { KeptEvent } from '../model/kept.ts';
import { recordOf } from '../model/record-of.ts';
import { startFindings } from './parts/findings.ts';
import {
  type Config,
  configAsked,
  followHooks,
  type Hook,
  stateTold,
  taskTold,
  updateOf,
} from './parts/follow-hooks.ts';
import {
  afterDeletion,
  afterTheEnd,
  endNotPushed,
  foreignTask,
  leftOut,
  ordersDiffer,
  otherThanStream,
  privateCalled,
  privateRefused,
  unasked,
  unreadable,
  wrongCredentials,
} from './parts/push-findings.ts';
import { clip, isSend, isTerminal } from './parts/reading.ts';

export const pushDelivery: Check = {
  name: 'push-delivery',
  title: 'Every webhook is posted what happens to its task, in order, with its credentials, until it is deleted',
  section: '§4.3.3, §13.2, §3.1.7, §3.1.10, §3.5.2, policy',
  memory:
    'For the latest 1,000 webhooks their configurations, a hash per update and four events; a hash per update of one stream for each of the latest 10,000 tasks.',
  aspects: ['ends', 'deleted', 'private'],
  judges: 'agent',
  start: ({ plan, scene }) => {
    const { private_hooks, push_ms_max } = plan.policy;
    const followed = followHooks(scene);
    const { faults } = scene;
    const findings = startFindings();
    const evidence = { pushes: 0, ends: 0, deleted: 0, private: 0 };
    const refusals = new Map<string, number>();

    const judgePush = (event: PushEvent): void => {
      const hook = followed.hookOf(event);
      if (hook === undefined) return;
      evidence.pushes += 1;
      const configs = hook.configs.filter(({ isRefused }) => !isRefused);
      if (configs.length === 0) findings.report(unasked(hook, event));
      else if (private_hooks === 'refused') findings.report(privateCalled(hook, event));
      if (isWrong(hook, event)) findings.report(wrongCredentials(hook, event));
      if (!('payload' in event)) findings.report(unreadable(hook, event));
      else judgePayload(hook, event, configs);
      followed.take(hook, event);
    };

    const judgePayload = (hook: Hook, event: PushEvent, configs: readonly Config[]): void => {
      const payload = 'payload' in event ? recordOf(event.payload) : {};
      const taskId = taskTold(payload);
      const isSettled = configs.every((config) => config.taskId !== undefined);
      if (taskId !== undefined && configs.length > 0 && isSettled && !configs.some((one) => one.taskId === taskId))
        findings.report(foreignTask(hook, event, taskId));
      const own = configs.findLast((config) => config.taskId === taskId);
      if (own !== undefined && isAfterDeletion(own, event, push_ms_max))
        findings.report(afterDeletion(hook, event, own));
      const update = updateOf(payload);
      const isNew = update !== undefined && !hook.told.has(update.content);
      const end = hook.end.get(taskId ?? '');
      if (end !== undefined && isNew && !isTerminal(stateTold(payload))) findings.report(afterTheEnd(hook, end, event));
    };

    const judgeEnd = (hook: Hook, config: Config): void => {
      const end = config.key === undefined ? undefined : followed.endOf(config.key);
      if (end === undefined || !isDue(config, end)) return;
      const tried = hook.endTried.get(config.taskId ?? '');
      const until_ms = tried?.time_ms ?? followed.until(hook.user);
      const isLate = until_ms - end.time_ms > push_ms_max;
      if (tried === undefined && !isLate) return;
      evidence.ends += 1;
      const mayBeGivenUp = hook.hasFailed && hook.first !== undefined;
      if (isLate && !mayBeGivenUp) findings.report(endNotPushed(hook, config, { end, tried, push_ms_max }));
    };

    /** It was there when the task was still going on, and was left there; and nothing of muster's doing was in the way. */
    const isDue = (config: Config, end: KeptEvent): boolean => {
      const wasThere =
        config.aliveSinceCreated !== undefined || config.invoke.op.op !== 'CreateTaskPushNotificationConfig';
      const wasTaken = config.created !== undefined && config.created.seq < end.seq;
      const isLeft = config.deleting === undefined && private_hooks !== 'refused';
      return wasThere && wasTaken && isLeft && followed.isKept(config) && !faults.touchedAny(config.invoke);
    };

    const judgeRefusal = (invoke: InvokeEvent, event: FailEvent): void => {
      const hook = followed.hooks.get(configAsked(invoke.op)?.hook ?? '');
      if (hook === undefined) return;
      const code = String(event.error?.code);
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
      if (private_hooks === 'allowed' && REFUSAL.test(code)) findings.report(privateRefused(hook, invoke, event));
    };

    /** Both of one task; the first was there before the other, and took everything. */
    const compare = (one: Hook, other: Hook): void => {
      if (!keepsOrder(other, placesIn(one))) findings.report(ordersDiffer(one, other));
      if (other.hasFailed) return;
      if (lacks(other, one)) findings.report(leftOut(one, other));
      else if (lacks(one, other)) findings.report(leftOut(other, one));
    };

    return {
      add(event, invoke) {
        followed.add(event, invoke);
        if (event.type === 'push') judgePush(event);
        if (invoke !== undefined && event.type === 'fail') judgeRefusal(invoke, event);
      },
      close() {
        const byTask = new Map<string, Hook[]>();
        for (const hook of followed.hooks.values()) {
          for (const config of hook.configs) {
            if (config.aliveSinceDeleted !== undefined) evidence.deleted += 1;
            if (private_hooks !== 'any' && (config.isRefused || config.created !== undefined)) evidence.private += 1;
            if (config.isRefused) continue;
            judgeEnd(hook, config);
            const key = config.key ?? '';
            if (!keepsOrder(hook, placesOf(followed.storyOf(key)))) findings.report(otherThanStream(hook, config));
            const isWhole = config.deleting === undefined && hook.end.has(config.taskId ?? '');
            if (isWhole && hook.configs.length === 1) byTask.set(key, [...(byTask.get(key) ?? []), hook]);
          }
        }
        for (const hooks of byTask.values()) {
          const [first, ...others] = hooks.sort((one, other) => askedAt(one) - askedAt(other));
          if (first === undefined || first.hasFailed) continue;
          for (const other of others) compare(first, other);
        }
        const { pushes, ...aspects } = evidence;
        const refused = [...refusals].map(([code, count]) => `${count} with ${clip(code, 60)}`).join(', ');
        return {
          evidence: pushes + aspects.ends + aspects.deleted + aspects.private,
          aspects,
          findings: findings.list(),
          ...(refused !== '' && { note: `Configurations of webhooks that the agent refused: ${refused}.` }),
        };
      },
    };
  },
};

/** That there is no such task, or no push at all, has nothing to do with the address. */
const REFUSAL = /^(?!TaskNotFound|PushNotificationNotSupported).*Error$|^http-4(00|03|22)$/;

/** Agents may carry a token as they like, so that muster does not find it proves nothing. */
const isWrong = ({ credentials: asked }: Hook, { credentials }: PushEvent): boolean =>
  credentials === 'wrong' || credentials === 'of-another' || (credentials === 'missing' && asked !== 'token');

const askedAt = ({ configs }: Hook): number => configs[0]?.invoke.seq ?? 0;

/**
 * What was on its way when the deletion was confirmed may come, as late as any push. The end of a task that was read as going on since
 * then was not on its way.
 */
function isAfterDeletion(
  { invoke, deleted, aliveSinceDeleted }: Config,
  event: PushEvent,
  push_ms_max: number,
): boolean {
  // Which id the agent gave to one that went along with a message, nobody was told.
  if (deleted === undefined || isSend(invoke.op)) return false;
  const state = 'payload' in event ? stateTold(recordOf(event.payload)) : undefined;
  return event.time_ms - deleted.time_ms > push_ms_max || (aliveSinceDeleted !== undefined && isTerminal(state));
}

type Places = ReadonlyMap<number, number>;

/** Of what was told once: of the rest nobody knows which time is meant. */
const placesIn = ({ told }: Hook): Places =>
  new Map([...told].flatMap(([content, { place, times }]) => (times === 1 ? [[content, place]] : [])));

function placesOf(story: readonly number[]): Places {
  const places = new Map(story.map((content, place) => [content, place]));
  for (const [place, content] of story.entries()) if (places.get(content) !== place) places.delete(content);
  return places;
}

function keepsOrder(hook: Hook, places: Places): boolean {
  let last = -1;
  for (const content of placesIn(hook).keys()) {
    const place = places.get(content);
    if (place === undefined) continue;
    if (place < last) return false;
    last = place;
  }
  return true;
}

/** Whether a webhook that was there already was left out of an update that the other one took. */
function lacks(hook: Hook, other: Hook): boolean {
  const shared = [...placesIn(other)].filter(([content]) => hook.told.has(content)).map(([, place]) => place);
  const since = Math.min(...shared);
  return [...other.told].some(([content, { place }]) => place > since && !hook.told.has(content));
}
