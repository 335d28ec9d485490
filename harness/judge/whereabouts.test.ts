/** Where the impossible event stands is read from the evidence alone: nothing is told that it does not say. */
import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { whereaboutsOf } from './whereabouts.ts';

const stamp = { time_ms: 1, scenario: 's' };
const send: InvokeEvent = {
  ...stamp,
  seq: 4,
  type: 'invoke',
  op_id: 1,
  user: 'u2',
  device: 1,
  step: 3,
  due_ms: 1,
  transport: 'grpc',
  op: {
    op: 'SendStreamingMessage',
    agent: 'agent-2',
    behaviour: 'slow',
    messageId: 'm1',
    text: 'slow t',
    token: 't',
    echoes: true,
  },
};
const chunk: HistoryEvent = {
  ...stamp,
  seq: 9,
  type: 'event',
  op_id: 1,
  index: 2,
  payload: { artifactUpdate: { taskId: 't1', contextId: 'c1', artifact: { artifactId: 'a', parts: [] } } },
};
const get: InvokeEvent = {
  ...stamp,
  seq: 11,
  type: 'invoke',
  op_id: 2,
  user: 'u2',
  device: 0,
  step: -1,
  due_ms: 1,
  op: { op: 'GetTask', agent: 'agent-2', taskId: 't1' },
};
const lost: HistoryEvent = {
  ...stamp,
  seq: 12,
  type: 'fail',
  op_id: 2,
  error: { code: 'TaskNotFoundError', message: '' },
};

test('of an event of a stream: who asked, on which device, over what, about which message, and its place in the stream', () => {
  expect(whereaboutsOf([send, chunk])).toEqual({
    seq: 9,
    user: 'u2',
    device: 1,
    step: 3,
    agent: 'agent-2',
    operation: 'SendStreamingMessage',
    transport: 'grpc',
    message: 'm1',
    task: 't1',
    context: 'c1',
    index: 2,
  });
});

test('of an answer about a task: the message that made the task, where the evidence has it', () => {
  expect(whereaboutsOf([send, chunk, get, lost])).toMatchObject({
    seq: 12,
    device: 0,
    step: -1,
    task: 't1',
    message: 'm1',
  });
  expect(whereaboutsOf([get, lost])).not.toHaveProperty('message');
});

test('of what no op brought: the agent, and no user', () => {
  const exited = {
    ...stamp,
    seq: 3,
    type: 'agent',
    agent: 'agent',
    phase: 'exited',
    asked: false,
    code: 1,
    signal: null,
  };
  expect(whereaboutsOf([exited as HistoryEvent])).toEqual({ seq: 3, agent: 'agent' });
  expect(whereaboutsOf([])).toBeUndefined();
});

test('any history has whereabouts that survive JSON, whatever its events hold', () => {
  for (const { events } of writtenHistories()) {
    for (let end = 1; end <= events.length; end += 1) {
      const at = whereaboutsOf(events.slice(0, end));
      expect(at?.seq).toBe(end);
      expect(JSON.parse(JSON.stringify(at))).toEqual(at);
    }
  }
});
