/**
 * What is wrong with one page of ListTasks, whatever else there is: it lacks what each page must have, holds more than was asked for,
 * or what was not asked for.
 */
import type { InvokeEvent } from '../../model/history.ts';
import type { ListTasksOp } from '../../model/op.ts';
import { type Json, recordOf } from '../../model/record-of.ts';
import type { Example } from './findings.ts';
import { statusTimestamp } from './own-tasks.ts';
import { clip, listOf, textOf } from './reading.ts';

/** Where nothing is asked for (§3.1.4). */
const PAGE_SIZE_DEFAULT = 50;

export type Problem = Pick<Example, 'kind' | 'message' | 'expected' | 'seen'> & { readonly taskId?: string };

export const isoOf = (timestamp_ms: number): string => new Date(timestamp_ms).toISOString();
/** NaN where nothing is asked for. */
export const afterOf = ({ statusTimestampAfter = '' }: ListTasksOp): number => Date.parse(statusTimestampAfter);

export const filtersOf = (op: ListTasksOp): readonly string[] => [
  ...(op.contextId === undefined ? [] : ['contextId']),
  ...(op.status === undefined ? [] : ['status']),
  ...(op.statusTimestampAfter === undefined ? [] : ['statusTimestampAfter']),
];

/** A baseline that knows one filter to be broken does not know another one. */
export function shapeOf({ op }: InvokeEvent): string {
  const filters = op.op === 'ListTasks' ? filtersOf(op) : [];
  return filters.length === 0 ? 'ListTasks' : `ListTasks by ${filters.join(', ')}`;
}

/** `value` is the answer to this op. */
export function problemsOf(op: ListTasksOp, value: Json): readonly Problem[] {
  const tasks = listOf(value['tasks']).map(recordOf);
  const ofTasks = tasks.flatMap((task) => {
    const taskId = textOf(task['id']) ?? '';
    return [filterProblem(op, task), sizeProblem(op, task)]
      .filter((problem) => problem !== undefined)
      .map((problem) => ({ ...problem, taskId }));
  });
  return [...ofWhole(op, value, tasks.length), ...ofTasks];
}

function ofWhole(op: ListTasksOp, value: Json, tasks: number): readonly Problem[] {
  const problems: Problem[] = [];
  if (listOf(value['lacks']).includes('nextPageToken')) {
    problems.push({
      kind: 'token-missing',
      message: 'A page of ListTasks had no nextPageToken',
      expected: 'nextPageToken is in every answer to ListTasks; on the last page it is empty.',
      seen: 'The answer had no such member.',
    });
  }
  const size_max = op.pageSize ?? PAGE_SIZE_DEFAULT;
  if (tasks > size_max) {
    problems.push({
      kind: 'page-too-large',
      message: 'A page of ListTasks held more tasks than were asked for',
      expected: `At most ${size_max} tasks${op.pageSize === undefined ? ', since no page size was asked for' : ''}.`,
      seen: `The page held ${tasks}.`,
    });
  }
  for (const [member, kind, what] of TOTALS) {
    const told = value[member];
    if (typeof told !== 'number' || told >= tasks) continue;
    problems.push({
      kind,
      message: `ListTasks told ${what}, and it was not true`,
      expected: `${member} is at least as much as there are tasks on the page: ${tasks}.`,
      seen: `${member} was ${told}.`,
    });
  }
  return problems;
}

const TOTALS = [
  ['pageSize', 'page-size-untrue', 'the size of its pages'],
  ['totalSize', 'total-untrue', 'how many tasks there are'],
] as const;

function filterProblem(op: ListTasksOp, task: Json): Problem | undefined {
  const kind = 'filter-ignored';
  const message = 'ListTasks returned a task that the filter does not ask for';
  const contextId = textOf(task['contextId']);
  if (op.contextId !== undefined && contextId !== undefined && contextId !== op.contextId) {
    const [asked, told] = [clip(op.contextId, 60), clip(contextId, 60)];
    return {
      kind,
      message,
      expected: `Only tasks of the context ${asked}.`,
      seen: `A task of the context ${told} was in the list.`,
    };
  }
  // A state only gets newer, so it was older still when the agent looked.
  const timestamp_ms = statusTimestamp(task);
  if (timestamp_ms < afterOf(op)) {
    const [asked, told] = [isoOf(afterOf(op)), isoOf(timestamp_ms)];
    return {
      kind,
      message,
      expected: `Only tasks whose state is of ${asked} or later.`,
      seen: `A task whose state is of ${told} was in the list.`,
    };
  }
  return undefined;
}

function sizeProblem(op: ListTasksOp, task: Json): Problem | undefined {
  const artifacts = listOf(task['artifacts']).length;
  if (op.includeArtifacts !== true && artifacts > 0) {
    return {
      kind: 'artifacts-unasked',
      message: 'ListTasks returned artifacts that were not asked for',
      expected: 'Without includeArtifacts no task in the list has artifacts.',
      seen: `A task came with ${artifacts}.`,
    };
  }
  const messages = listOf(task['history']).length;
  if (op.historyLength !== undefined && messages > op.historyLength) {
    return {
      kind: 'history-too-long',
      message: 'ListTasks returned more of the history than was asked for',
      expected: `At most ${op.historyLength} messages of each task.`,
      seen: `A task came with ${messages}.`,
    };
  }
  return undefined;
}
