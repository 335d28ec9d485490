/**
 * What a history tells of webhooks: which configuration an agent was given for which task, when it was taken back, what was posted
 * since, and when the task was over. Memory: for the latest 1,000 hooks their configurations, a hash per update and four events.
 */
import type { AgentEvent, HistoryEvent, InvokeEvent, OkEvent, PushEvent } from '../../model/history.ts';
import { type KeptEvent, keep } from '../../model/kept.ts';
import type { Op } from '../../model/op.ts';
import { type Json, recordOf } from '../../model/record-of.ts';
import type { AgentLives, Scene } from '../../model/scene.ts';
import { fingerprintOf } from './fingerprints.ts';
import { type Latest, startLatest } from './latest.ts';
import { observe } from './observations.ts';
import { isNotTerminal, isSend, isTerminal, stateOf, textOf } from './reading.ts';

/** What an agent was told to post to a hook: the updates of one task. */
export interface Config {
  /** As asked for, until the agent has said which it gave it (§3.1.7). */
  configId: string;
  /** The op that asked for it. */
  readonly invoke: InvokeEvent;
  /** Nothing as long as the agent has not said under which id it works on the message. */
  taskId: string | undefined;
  /** By its agent, life and id. */
  key: string | undefined;
  created: KeptEvent | undefined;
  isRefused: boolean;
  deleting: InvokeEvent | undefined;
  deleted: KeptEvent | undefined;
  /** Read as not over by who asked after it was created, and after it was deleted. */
  aliveSinceCreated: KeptEvent | undefined;
  aliveSinceDeleted: KeptEvent | undefined;
}

export interface Told {
  /** Counts the updates that the hook took, from 0. */
  readonly place: number;
  times: number;
}

export interface Hook {
  readonly name: string;
  readonly user: string;
  readonly credentials: string;
  readonly configs: Config[];
  /** By fingerprint: the updates that it took, each as it first did. */
  readonly told: Map<number, Told>;
  first: PushEvent | undefined;
  last: PushEvent | undefined;
  /** By task: the first push that told that it is over, and the first of those that the hook took. */
  readonly endTried: Map<string, PushEvent>;
  readonly end: Map<string, PushEvent>;
  /** It has not taken something that it was sent. */
  hasFailed: boolean;
}

export interface HookFollower {
  add(event: HistoryEvent, invoke?: InvokeEvent): void;
  hookOf(event: PushEvent): Hook | undefined;
  /** After everything was said of it: the hook has it from now on. */
  take(hook: Hook, event: PushEvent): void;
  readonly hooks: Latest<Hook>;
  /** The first that told that the task is over. */
  endOf(key: string): KeptEvent | undefined;
  /** The updates of one stream of the task that went on to its end, in order. */
  storyOf(key: string): readonly number[];
  /** Whether the agent that was given it has lived ever since. */
  isKept(config: Config): boolean;
  /** Until when the history tells of this user, or of the scenario as a whole. */
  until(user: string): number;
}

interface Story {
  readonly op_id: number;
  readonly updates: number[];
  isEnded: boolean;
}

const HOOKS_MIN = 1_000;
/** Says that it did not take it: junk, or an error of its own, may come after it has. */
const REFUSED = /^(?!Internal|InvalidAgentResponse).+Error$|^http-4/;

export function followHooks({ lives }: Scene): HookFollower {
  const hooks = startLatest<Hook>(HOOKS_MIN);
  const configs = startLatest<Config[]>();
  const pending = new Map<number, Config>();
  const ends = startLatest<KeptEvent>();
  const stories = startLatest<Story>();
  const untilOf = startLatest<number>();
  /** By agent: when it ended unasked, or was started; what it knew may be lost. When muster ends it, a fault tells. */
  const died = new Map<string, number>();
  let phase_ms = 0;
  let isAny = false;

  const ask = (invoke: InvokeEvent): void => {
    const { op } = invoke;
    if (op.op === 'openHook') {
      isAny = true;
      hooks.set(op.hook, newHook(op, invoke));
    }
    const asked = configAsked(op);
    const hook = asked && hooks.get(asked.hook);
    if (asked !== undefined && hook !== undefined) {
      const config = newConfig(asked.configId, invoke);
      hook.configs.push(config);
      pending.set(invoke.op_id, config);
      if (asked.taskId !== undefined) settle(config, asked.taskId, lives, configs);
    }
    if (op.op !== 'DeleteTaskPushNotificationConfig') return;
    const key = lives.keyOf(invoke, op.taskId);
    const last = (configs.get(key ?? '') ?? []).findLast(({ configId }) => configId === op.configId);
    // A stranger is told that it went well, or that there is none such, and deletes nothing.
    if (last?.invoke.user === invoke.user) last.deleting ??= invoke;
  };

  const answer = (event: HistoryEvent, invoke: InvokeEvent): void => {
    const config = pending.get(invoke.op_id);
    if (config !== undefined) {
      const [seen] = observe(event, invoke);
      if (config.taskId === undefined && seen !== undefined) settle(config, seen.taskId, lives, configs);
      if (event.type === 'ok' || event.type === 'event') config.created ??= keep(event);
      if (event.type === 'ok') confirm(config, event);
      if (event.type === 'fail') config.isRefused = REFUSED.test(event.error.code);
      if (event.type !== 'event') pending.delete(invoke.op_id);
    }
    if (invoke.op.op !== 'DeleteTaskPushNotificationConfig' || event.type !== 'ok') return;
    const key = lives.keyOf(invoke, invoke.op.taskId);
    for (const one of configs.get(key ?? '') ?? []) if (one.deleting?.op_id === invoke.op_id) one.deleted = keep(event);
  };

  /** Another one of the same id has taken its place: to where that was is posted no more. */
  const confirm = (config: Config, { value }: OkEvent): void => {
    config.configId = textOf(recordOf(recordOf(value)['config'])['id']) ?? config.configId;
    for (const one of configs.get(config.key ?? '') ?? []) {
      if (one !== config && one.configId === config.configId) one.deleting ??= config.invoke;
    }
  };

  const look = (event: HistoryEvent, invoke: InvokeEvent): void => {
    for (const { taskId, state } of observe(event, invoke)) {
      const key = lives.keyOf(invoke, taskId);
      if (key === undefined) continue;
      if (isTerminal(state) && !ends.has(key)) ends.set(key, keep(event));
      // Of a stream nobody knows how long its events were on their way.
      if (!isNotTerminal(state) || event.type === 'event') continue;
      for (const config of configs.get(key) ?? []) {
        if ((config.created?.seq ?? Number.POSITIVE_INFINITY) < invoke.seq) config.aliveSinceCreated ??= keep(event);
        if ((config.deleted?.seq ?? Number.POSITIVE_INFINITY) < invoke.seq) config.aliveSinceDeleted ??= keep(event);
      }
    }
  };

  const listen = (event: HistoryEvent, invoke: InvokeEvent): void => {
    const payload = event.type === 'event' ? recordOf(event.payload) : {};
    const update = updateOf(payload);
    const key = update === undefined ? undefined : lives.keyOf(invoke, update.taskId);
    if (update === undefined || key === undefined) return;
    const story = stories.get(key) ?? { op_id: invoke.op_id, updates: [], isEnded: false };
    stories.set(key, story);
    if (story.op_id !== invoke.op_id) return;
    story.updates.push(update.content);
    story.isEnded ||= isTerminal(stateTold(payload));
  };

  return {
    hooks,
    add(event, invoke) {
      if (event.type === 'agent' && hasDied(event)) died.set(event.agent, event.seq);
      if (event.type === 'invoke') ask(event);
      if (!isAny) return;
      if (event.type === 'scenario') phase_ms = event.time_ms;
      const who = event.type === 'invoke' ? event : invoke;
      if (who !== undefined) untilOf.set(who.user, event.time_ms);
      if (invoke === undefined) return;
      answer(event, invoke);
      look(event, invoke);
      listen(event, invoke);
    },
    hookOf: ({ hook }) => hooks.get(hook),
    take(hook, event) {
      hook.first ??= event;
      hook.last = event;
      const isTaken = typeof event.answered === 'number' && event.answered >= 200 && event.answered < 300;
      if (!isTaken) hook.hasFailed = true;
      if (!('payload' in event)) return;
      const payload = recordOf(event.payload);
      const told = taskTold(payload);
      if (told !== undefined && isTerminal(stateTold(payload))) {
        if (!hook.endTried.has(told)) hook.endTried.set(told, event);
        if (isTaken && !hook.end.has(told)) hook.end.set(told, event);
        for (const { key, taskId } of hook.configs) {
          if (key !== undefined && taskId === told && !ends.has(key)) ends.set(key, event);
        }
      }
      const update = updateOf(payload);
      if (update === undefined || !isTaken) return;
      const known = hook.told.get(update.content);
      if (known === undefined) hook.told.set(update.content, { place: hook.told.size, times: 1 });
      else known.times += 1;
    },
    endOf: (key) => ends.get(key),
    storyOf(key) {
      const story = stories.get(key);
      return story?.isEnded ? story.updates : [];
    },
    isKept: ({ invoke }) => (died.get('agent' in invoke.op ? invoke.op.agent : '') ?? -1) < invoke.seq,
    until: (user) => Math.max(phase_ms, untilOf.get(user) ?? 0),
  };
}

const hasDied = (event: AgentEvent): boolean =>
  event.phase === 'starting' || (event.phase === 'exited' && !event.asked);

function settle(config: Config, taskId: string, lives: AgentLives, configs: Latest<Config[]>): void {
  config.taskId = taskId;
  config.key = lives.keyOf(config.invoke, taskId);
  if (config.key === undefined) return;
  const known = configs.get(config.key);
  if (known === undefined) configs.set(config.key, [config]);
  else known.push(config);
}

export function configAsked(
  op: Op,
): { readonly hook: string; readonly configId: string; readonly taskId?: string } | undefined {
  if (isSend(op)) return op.push && { ...op.push, ...(op.taskId === undefined ? {} : { taskId: op.taskId }) };
  if (op.op !== 'CreateTaskPushNotificationConfig' || op.hook === undefined) return undefined;
  return { hook: op.hook, configId: op.configId, taskId: op.taskId };
}

const newHook = (op: Extract<Op, { op: 'openHook' }>, { user }: InvokeEvent): Hook => ({
  name: op.hook,
  user,
  credentials: op.credentials,
  configs: [],
  told: new Map(),
  first: undefined,
  last: undefined,
  endTried: new Map(),
  end: new Map(),
  hasFailed: false,
});

const newConfig = (configId: string, invoke: InvokeEvent): Config => ({
  configId,
  invoke,
  taskId: undefined,
  key: undefined,
  created: undefined,
  isRefused: false,
  deleting: undefined,
  deleted: undefined,
  aliveSinceCreated: undefined,
  aliveSinceDeleted: undefined,
});

/** Nothing where a payload names none, as that of a Message may. */
export function taskTold({ task, message, statusUpdate, artifactUpdate }: Json): string | undefined {
  const { taskId } = recordOf(statusUpdate ?? artifactUpdate ?? message);
  return textOf(recordOf(task)['id']) ?? textOf(taskId);
}

export const stateTold = ({ task, statusUpdate }: Json): string | undefined => stateOf(recordOf(task ?? statusUpdate));

/** Times of sending are no part of it; a whole Task is none, since it tells what others have told. */
export function updateOf(payload: Json): { readonly taskId: string; readonly content: number } | undefined {
  const { statusUpdate, artifactUpdate } = payload;
  const taskId = taskTold(payload);
  if (taskId === undefined || (statusUpdate === undefined && artifactUpdate === undefined)) return undefined;
  const { state, message } = recordOf(recordOf(statusUpdate)['status']);
  const { artifact, append, lastChunk } = recordOf(artifactUpdate);
  const told =
    statusUpdate === undefined ? { artifact, append: append === true, last: lastChunk === true } : { state, message };
  return { taskId, content: fingerprintOf([taskId, told]) };
}
