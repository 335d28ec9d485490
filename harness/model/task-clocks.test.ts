/** A task is timed once, from the message that began it to whoever first shows it over. */
import { expect, test } from 'vitest';
import { type ShowingOp, startTaskClocks } from './task-clocks.ts';

const send: ShowingOp = { op: 'SendMessage', agent: 'agent', sent_ms: 10 };
const openStream: ShowingOp = { op: 'SendStreamingMessage', agent: 'agent', sent_ms: 10 };
const get: ShowingOp = { op: 'GetTask', agent: 'agent', taskId: 't', sent_ms: 40 };
const task = (state: string, id = 't') => ({ task: { id, status: { state } } });

test('a task that its first answer shows over took until that answer', () => {
  const clocks = startTaskClocks();
  expect(clocks.show(send, task('TASK_STATE_COMPLETED'), 30)).toEqual({
    began_by: 'SendMessage',
    state: 'TASK_STATE_COMPLETED',
    took_ms: 20,
  });
});

test('a task that is polled took from its message to the poll that shows it over, and is timed once', () => {
  const clocks = startTaskClocks();
  expect(clocks.show(send, task('TASK_STATE_SUBMITTED'), 12)).toBeUndefined();
  expect(clocks.show(get, task('TASK_STATE_WORKING'), 45)).toBeUndefined();
  expect(clocks.show(get, task('TASK_STATE_FAILED'), 60)).toMatchObject({ began_by: 'SendMessage', took_ms: 50 });
  expect(clocks.show(get, task('TASK_STATE_FAILED'), 70)).toBeUndefined();
});

test('a stream that says twice that its task is over, or after a subscriber has seen it, is timed once', () => {
  const clocks = startTaskClocks();
  const update = { statusUpdate: { taskId: 't', status: { state: 'TASK_STATE_CANCELED' } } };
  expect(clocks.show(openStream, task('TASK_STATE_WORKING'), 12)).toBeUndefined();
  expect(clocks.show({ ...get, op: 'SubscribeToTask' }, update, 50)).toMatchObject({ took_ms: 40 });
  expect(clocks.show(openStream, update, 51)).toBeUndefined();
});

test('a message that goes on with a task, and what is no task, begin nothing', () => {
  const clocks = startTaskClocks();
  expect(clocks.show({ ...send, taskId: 't' }, task('TASK_STATE_COMPLETED'), 30)).toBeUndefined();
  for (const told of [null, 'x', { task: 7 }, { task: { id: 7 } }, { message: {} }, undefined]) {
    expect(clocks.show(send, told, 30)).toBeUndefined();
  }
});
