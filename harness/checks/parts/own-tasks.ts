/**
 * Which tasks a user's messages made, and since when they are over: only what is over stands still, so only of that can be said
 * what a list must show. Memory: the latest 10,000 tasks, of all users together; what is forgotten is expected of nobody.
 */
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { type KeptEvent, keep } from '../../model/kept.ts';
import { recordOf } from '../../model/record-of.ts';
import type { Scene } from '../../model/scene.ts';
import type { Observation } from './observations.ts';
import { isSend, isTerminal, listOf, textOf } from './reading.ts';

const TASKS_MAX = 10_000;

export interface OwnTask {
  readonly id: string;
  contextId?: string;
  /** The message that made it. */
  readonly made: InvokeEvent;
  over?: {
    readonly state: string;
    /** Of its status; NaN where it has none. */
    readonly timestamp_ms: number;
    readonly invoke: InvokeEvent;
    readonly event: KeptEvent;
  };
}

export interface OwnTasks {
  /** Not for the `invoke` itself. */
  learn(event: HistoryEvent, invoke: InvokeEvent, observed: readonly Observation[]): void;
  /** Those of the op's user on its agent, in the agent's present life. */
  of(invoke: InvokeEvent): ReadonlyMap<string, OwnTask>;
  /** When it was last told that one of these began or ended. */
  changedAt(invoke: InvokeEvent): number;
}

interface Holding {
  readonly tasks: Map<string, OwnTask>;
  changed_seq: number;
}

const NONE: ReadonlyMap<string, OwnTask> = new Map();

export function followOwnTasks({ lives, tasks }: Pick<Scene, 'lives' | 'tasks'>, tasks_max = TASKS_MAX): OwnTasks {
  /** As the first who had it has it: of most tasks there is no other, and most of what is told of them is known. */
  const firsts = tasks.perTask<OwnTask>();
  /** By agent, life and user; who did something last comes last. */
  const holdings = new Map<string, Holding>();
  let count = 0;

  const holdingOf = (invoke: InvokeEvent): Holding | undefined => {
    const key = lives.keyOf(invoke, invoke.user);
    return key === undefined ? undefined : holdings.get(key);
  };

  const open = (invoke: InvokeEvent): Holding | undefined => {
    const key = lives.keyOf(invoke, invoke.user);
    if (key === undefined) return undefined;
    const holding = holdings.get(key) ?? { tasks: new Map<string, OwnTask>(), changed_seq: 0 };
    holdings.delete(key);
    holdings.set(key, holding);
    return holding;
  };

  const forgetOldest = (): void => {
    if (count <= tasks_max) return;
    for (const [key, { tasks }] of holdings) {
      for (const id of tasks.keys()) {
        if (count <= tasks_max) return;
        tasks.delete(id);
        count -= 1;
      }
      if (tasks.size === 0) holdings.delete(key);
    }
  };

  return {
    learn(event, invoke, observed) {
      // What a stream tells of another task later on is for stream-shape, and makes that task nobody's.
      const isFirst = event.type !== 'event' || event.index === 0;
      for (const { taskId, contextId, state } of observed) {
        const isNew = isFirst && isSend(invoke.op) && invoke.op.taskId === undefined;
        const known = tasks.of(invoke, taskId);
        const first = known === undefined ? undefined : firsts.get(known);
        if (!isNew && first?.made.user === invoke.user && !tellsNew(first, contextId, state)) continue;
        const holding = isNew ? open(invoke) : holdingOf(invoke);
        if (holding === undefined || (!isNew && !holding.tasks.has(taskId))) continue;
        const task = holding.tasks.get(taskId) ?? { id: taskId, made: invoke };
        if (!holding.tasks.has(taskId)) {
          holding.tasks.set(taskId, task);
          if (known !== undefined && first === undefined) firsts.set(known, task);
          holding.changed_seq = event.seq;
          count += 1;
          forgetOldest();
        }
        if (contextId !== undefined) task.contextId ??= contextId;
        if (task.over !== undefined || !isTerminal(state)) continue;
        task.over = { state, timestamp_ms: timestampOf(event, taskId), invoke, event: keep(event) };
        holding.changed_seq = event.seq;
      }
    },
    of: (invoke) => holdingOf(invoke)?.tasks ?? NONE,
    changedAt: (invoke) => holdingOf(invoke)?.changed_seq ?? 0,
  };
}

const tellsNew = (task: OwnTask, contextId: string | undefined, state: string | undefined): boolean =>
  (contextId !== undefined && task.contextId === undefined) || (task.over === undefined && isTerminal(state));

function timestampOf(event: HistoryEvent, taskId: string): number {
  const told = recordOf(event.type === 'event' ? event.payload : event.type === 'ok' ? event.value : undefined);
  const tasks = [told['task'], ...listOf(told['tasks'])].map(recordOf);
  return statusTimestamp(tasks.find(({ id }) => id === taskId) ?? recordOf(told['statusUpdate']));
}

/** Milliseconds since 1970; NaN where there is none. */
export const statusTimestamp = (task: Readonly<Record<string, unknown>>): number =>
  Date.parse(textOf(recordOf(task['status'])['timestamp']) ?? '');
