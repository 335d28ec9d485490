/**
 * Reads out of the history of a failing run who did what, and which of it a finding rests on: the ops of its evidence, those whose
 * tokens it names, and those without which they could not have been asked. A guess, which is tried before anything else.
 */

import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type Op, READING_BACK } from '../model/op.ts';
import type { OnlyScript } from '../model/plan.ts';
import type { FindingRecord } from '../model/record.ts';
import { stringsIn } from '../model/strings-in.ts';

export interface Suspects {
  /** Every script of the run with the steps that it asked for. */
  readonly whole: readonly OnlyScript[];
  /** Of those that the finding names, the steps on which it rests; without `steps` where it names a user only. */
  readonly named: readonly OnlyScript[];
  /** How long the agent had, from when the first of them came to the reading back; 0 where that is next to nothing. */
  readonly rest_ms: number;
}

/** What one op needs another for. Memory: one entry for each op, task, context and token of the scenario. */
interface Index {
  readonly scripts: Map<string, InvokeEvent[]>;
  readonly byId: Map<number, InvokeEvent>;
  /** By token, by id of a task or context, by name of what was shared or opened: the op that brought it. */
  readonly sources: Map<string, InvokeEvent>;
  /** When each user came. */
  readonly came_ms: Map<string, number>;
  readBack_ms: number;
}

const TOKEN = /mq[a-z2-7]{10}x\d+x\d+/g;
/** Every try takes as long. */
const REST_MS_MAX = 2_000;
const REST_MS_MIN = 20;
const ACTS: ReadonlySet<Op['op']> = new Set(['pause', 'barrier', 'share', 'await']);

/** Events of one scenario. */
export function findSuspects(
  history: Iterable<HistoryEvent>,
  { evidence, tasks, users }: Pick<FindingRecord, 'evidence' | 'tasks' | 'users'>,
): Suspects {
  const index = indexOf(history);
  const tokens = JSON.stringify(evidence).match(TOKEN) ?? [];
  const first = [
    ...evidence.map((event) => ('op_id' in event ? index.byId.get(event.op_id) : undefined)),
    ...[...tokens, ...tasks].map((name) => index.sources.get(name)),
  ];
  const needed = withAllThatTheyNeed(index, first);
  const scripts = [...index.scripts].map(([name, invokes]) => ({ name, invokes, ...placeOf(name) }));
  const whole = scripts.map(({ user, device, invokes }) => ({ user, device, steps: invokes.map(({ step }) => step) }));
  const named = scripts.flatMap(({ user, device, invokes }): OnlyScript[] => {
    const last = invokes.findLastIndex((invoke) => needed.has(invoke));
    if (last === -1) {
      const isSilent = scripts.every((other) => other.user !== user || !other.invokes.some((one) => needed.has(one)));
      return users.includes(user) && isSilent ? [{ user, device }] : [];
    }
    const steps = invokes
      .slice(0, last + 1)
      .filter((invoke) => needed.has(invoke) || ACTS.has(invoke.op.op))
      .map(({ step }) => step);
    return [{ user, device, steps }];
  });
  return { whole, named, rest_ms: restFor(index, named) };
}

function restFor({ came_ms, readBack_ms }: Index, named: readonly OnlyScript[]): number {
  const first_ms = named.reduce((first, { user }) => Math.min(first, came_ms.get(user) ?? first), readBack_ms);
  const rest_ms = Math.ceil(Math.min(REST_MS_MAX, readBack_ms - first_ms));
  return rest_ms < REST_MS_MIN ? 0 : rest_ms;
}

function indexOf(history: Iterable<HistoryEvent>): Index {
  const index: Index = { scripts: new Map(), byId: new Map(), sources: new Map(), came_ms: new Map(), readBack_ms: 0 };
  const note = (name: string, invoke: InvokeEvent): void => {
    if (!index.sources.has(name)) index.sources.set(name, invoke);
  };
  for (const event of history) {
    if (event.type === 'user' && event.phase === 'arrived') index.scripts.set(nameOf(event), []);
    if (event.type === 'user' && event.phase === 'arrived') index.came_ms.set(event.user, event.time_ms);
    if (event.type === 'scenario' && event.phase === 'reading-back') index.readBack_ms = event.time_ms;
    if (event.type === 'invoke') {
      index.byId.set(event.op_id, event);
      if (event.step !== READING_BACK) index.scripts.get(nameOf(event))?.push(event);
      const { op } = event;
      if ('token' in op) note(op.token, event);
      if (op.op === 'share') note(op.name, event);
      if (op.op === 'openSession') note(op.session, event);
    }
    if (event.type !== 'event' && event.type !== 'ok') continue;
    const invoke = index.byId.get(event.op_id);
    if (invoke === undefined || !('token' in invoke.op)) continue;
    for (const id of idsIn(event.type === 'event' ? event.payload : event.value)) note(id, invoke);
  }
  return index;
}

/** Of the task that an answer to a message brought. */
function idsIn(answer: unknown): readonly string[] {
  const { task, statusUpdate, message } = (answer ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const ids = [task?.['id'], task?.['contextId'], statusUpdate?.['taskId'], message?.['contextId']];
  return ids.filter((id) => typeof id === 'string');
}

function withAllThatTheyNeed(index: Index, first: readonly (InvokeEvent | undefined)[]): ReadonlySet<InvokeEvent> {
  const needed = new Set<InvokeEvent>();
  const queue = first.filter((invoke) => invoke !== undefined);
  for (const invoke of queue) {
    if (needed.has(invoke)) continue;
    needed.add(invoke);
    const own = index.scripts.get(nameOf(invoke)) ?? [];
    const { op, step } = invoke;
    // A stream is of use as far as it was read.
    const onIt = own.filter(({ op: other }) => (other.op === 'read' || other.op === 'leave') && other.stream === step);
    const opened = op.op === 'read' || op.op === 'leave' ? own.filter(({ step: other }) => other === op.stream) : [];
    const sources = namesIn(op).map((name) => index.sources.get(name));
    queue.push(...onIt, ...opened, ...sources.filter((source) => source !== undefined));
  }
  return needed;
}

/** Ids of tasks and contexts, names of what is shared, and the session of `session/agent-1`. */
function namesIn(op: Op): readonly string[] {
  if ('messageId' in op) return [op.taskId, op.contextId, op.agent.split('/')[0]].filter((name) => name !== undefined);
  return stringsIn(op).flatMap((text) => [text, ...text.split('/').slice(0, 1)]);
}

const nameOf = ({ user, device }: Pick<InvokeEvent, 'user' | 'device'>): string => `${user}.${device}`;

function placeOf(name: string): Pick<OnlyScript, 'user' | 'device'> {
  const [user = '', device] = name.split('.');
  return { user, device: Number(device) };
}
