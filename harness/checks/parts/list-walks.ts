/**
 * Which pages of ListTasks belong together: a page that is asked for with the token of another one, by the same device and for the
 * same list, goes on where that one ended. Memory: the latest 200 walks that have not come to their end, of at most 1,000 tasks each.
 */
import type { InvokeEvent } from '../../model/history.ts';
import type { KeptEvent } from '../../model/kept.ts';
import type { ListTasksOp } from '../../model/op.ts';
import type { Example } from './findings.ts';
import { startLatest } from './latest.ts';
import { afterOf, shapeOf } from './list-page.ts';
import type { OwnTask } from './own-tasks.ts';
import { clip } from './reading.ts';

const WALKS_MIN = 200;
const TASKS_MAX = 1_000;

export interface Sighting {
  readonly event: KeptEvent;
  /** What was seen of it will not change any more. */
  readonly isOver: boolean;
}

export interface Walk {
  readonly first: InvokeEvent;
  readonly list: ListTasksOp;
  readonly seen: Map<string, Sighting>;
  /** What the pages said of the whole list. */
  readonly totals: Set<unknown>;
  pages: number;
  /** The oldest status so far, among those tasks that did not change meanwhile. */
  oldest: { readonly timestamp_ms: number; readonly id: string; readonly event: KeptEvent } | undefined;
}

export interface Walks {
  /** The walk that this page belongs to. Nothing for the middle of one whose beginning nobody knows. */
  at(invoke: InvokeEvent, op: ListTasksOp): Walk | undefined;
  /** It goes on with this token, if it does not get too long to be remembered. */
  goOn(invoke: InvokeEvent, walk: Walk, token: string): void;
}

export function followWalks(): Walks {
  const open = startLatest<Walk>(WALKS_MIN);
  const keyOf = ({ user, device }: InvokeEvent, { agent }: ListTasksOp, token: string): string =>
    `${agent}\n${user}\n${device}\n${token}`;
  return {
    at(invoke, op) {
      if (op.pageToken === undefined) {
        return { first: invoke, list: op, seen: new Map(), totals: new Set(), pages: 0, oldest: undefined };
      }
      const key = keyOf(invoke, op, op.pageToken);
      const walk = open.get(key);
      open.delete(key);
      return walk !== undefined && isSameList(walk.list, op) ? walk : undefined;
    },
    goOn(invoke, walk, token) {
      if (walk.seen.size <= TASKS_MAX) open.set(keyOf(invoke, walk.list, token), walk);
    },
  };
}

/** Whoever changes the filter on the way has left the list. */
function isSameList(one: ListTasksOp, other: ListTasksOp): boolean {
  return (
    one.contextId === other.contextId &&
    one.status === other.status &&
    one.statusTimestampAfter === other.statusTimestampAfter
  );
}

/** Over before the walk began, and asked for by it. A timestamp that is just the one that was asked for may go either way. */
export function isExpected({ over, contextId }: OwnTask, { first, list }: Walk): boolean {
  if (over === undefined || over.event.seq > first.seq) return false;
  if (list.contextId !== undefined && list.contextId !== contextId) return false;
  if (list.status !== undefined && list.status !== over.state) return false;
  return list.statusTimestampAfter === undefined || over.timestamp_ms > afterOf(list);
}

export function missingTask(task: OwnTask, { first, pages, seen }: Walk): Omit<Example, 'evidence'> {
  return {
    kind: 'task-missing',
    shape: shapeOf(first),
    message: 'ListTasks came to its end without a task that there was',
    expected: `${clip(task.id, 60)} is on one of the pages: it was over before the first one was asked for, and was there afterwards.`,
    seen:
      pages === 1
        ? `The only page, with ${seen.size} tasks, did not show it.`
        : `None of ${pages} pages, with ${seen.size} tasks in all, showed it.`,
    users: [first.user],
    tasks: [task.id],
  };
}
