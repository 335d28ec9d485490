/** What is read back when, before an agent of a few lines: nothing may stay unread, and short runs are left in peace. */
import { expect, test } from 'vitest';
import type { HistoryEvent, Unstamped } from '../../model/history.ts';
import type { Wire } from '../../model/live.ts';
import type { Outcome } from '../../model/op.ts';
import { DEFAULT_POLICY } from '../../plan/defaults.ts';
import { openReadBack } from './read-back.ts';

const over: Outcome = { type: 'ok', value: { task: taskIn('TASK_STATE_COMPLETED') } };
const working: Outcome = { type: 'ok', value: { task: taskIn('TASK_STATE_WORKING') } };
const unreachable: Outcome = { type: 'fail', error: { code: 'connection-refused', message: 'nobody there' } };
const forgotten: Outcome = { type: 'fail', error: { code: 'TaskNotFoundError', message: 'no such task' } };

function taskIn(state: 'TASK_STATE_COMPLETED' | 'TASK_STATE_WORKING') {
  return { id: 't', contextId: 'c', status: { state } };
}

/** Reads are answered by `answer`, which is told how often the task was read before. */
function openWorld(answer: (taskId: string, before: number) => Outcome, waiting_max: number) {
  const reads = new Map<string, number>();
  const history: Unstamped[] = [];
  const wire: Wire = {
    transport: 'jsonrpc',
    address: new URL('http://127.0.0.1'),
    async perform(op) {
      await Promise.resolve();
      const taskId = op.op === 'GetTask' ? op.taskId : '';
      const before = reads.get(taskId) ?? 0;
      reads.set(taskId, before + 1);
      return answer(taskId, before);
    },
    async [Symbol.asyncDispose]() {},
  };
  const readBack = openReadBack(
    {
      plan: { policy: DEFAULT_POLICY },
      clock: () => history.length,
      emit: (event) => {
        history.push(event);
        return { ...event, seq: history.length, time_ms: 0, scenario: 's' } as HistoryEvent;
      },
      nextOpId: () => history.length,
      wireOf: () => wire,
      dealtTo: () => undefined,
      headersOf: () => ({}),
      signal: new AbortController().signal,
    },
    waiting_max,
  );
  const oneUser = (index: number, tasks: number): void => {
    for (let task = 0; task < tasks; task += 1) {
      readBack.note({ agent: 'agent', taskId: `${index}-${task}`, user: `u${index}`, index });
    }
  };
  return { readBack, reads, history, oneUser };
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('while few tasks wait nothing is read under load, and in the end each is read once', async () => {
  const { readBack, reads, oneUser } = openWorld(() => over, 100);
  for (let index = 0; index < 20; index += 1) {
    oneUser(index, 5);
    readBack.left(index);
  }
  await turns(20);
  expect(reads.size).toBe(0);
  await readBack.finish();
  expect(reads.size).toBe(100);
  expect([...reads.values()].every((count) => count === 1)).toBe(true);
});

test('in a long run the oldest tasks are read under load, those of users who are there are not, and each once', async () => {
  const { readBack, reads, oneUser } = openWorld(() => over, 10);
  oneUser(0, 5);
  for (let index = 1; index < 20; index += 1) {
    oneUser(index, 5);
    readBack.left(index);
  }
  await turns(200);
  expect(reads.size).toBe(95 - 10);
  expect([...reads.keys()].some((taskId) => taskId.startsWith('0-') || taskId.startsWith('19-'))).toBe(false);
  await readBack.finish();
  expect(reads.size).toBe(100);
  expect([...reads.values()].every((count) => count === 1)).toBe(true);
});

test.each([
  ['is still at work', working, 2],
  ['could not be read', unreachable, 2],
  ['has been forgotten by the agent', forgotten, 1],
])('a task that %s when it is read under load is read again only where that helps', async (_, first, times) => {
  const { readBack, reads, oneUser } = openWorld((_taskId, before) => (before === 0 ? first : over), 1);
  oneUser(0, 1);
  oneUser(1, 1);
  readBack.left(0);
  readBack.left(1);
  await turns(50);
  expect([...reads]).toEqual([['0-0', 1]]);
  await readBack.finish();
  expect(reads.get('0-0')).toBe(times);
});

test('a task that two answers name is read once, by whom it was given to first', async () => {
  const { readBack, history } = openWorld(() => over, 10);
  readBack.note({ agent: 'agent', taskId: 'same', user: 'u1', index: 0 });
  readBack.note({ agent: 'agent', taskId: 'same', user: 'u2', index: 1 });
  await readBack.finish();
  expect(history.filter(({ type }) => type === 'invoke')).toMatchObject([{ user: 'u1', step: -1 }]);
});
