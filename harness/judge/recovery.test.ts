/** Recoveries must be told alike whoever asks, and never be read into what was too little, too early or another fault's doing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RecoveryRecord } from '../model/record.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { startPairing } from './pairing.ts';
import { startRecoveries } from './recovery.ts';
import { callLines, invokeLine, type Line, outcomeLine, type SmallCall, smallHistory } from './testing.ts';

const down = (target: FaultPlan['target']): FaultPlan => ({ fault: 'down', target, begins: { at_ms: 0 }, for_ms: 10 });

function faultLine(
  phase: 'asked' | 'applied' | 'healed',
  time_ms: number,
  id = 0,
  target: FaultPlan['target'] = 'agent',
) {
  return [time_ms, 'load', { type: 'fault', phase, fault_id: id, fault: down(target), proof: 'seen' }] as Line;
}

function recoveries(lines: readonly Line[]): ReadonlyMap<number, RecoveryRecord> {
  const fold = startRecoveries();
  const pair = startPairing();
  for (const event of smallHistory(lines)) fold.add(event, pair(event));
  return fold.close();
}

const calls = (
  count: number,
  from_ms: number,
  from_id: number,
  change: (n: number) => Partial<SmallCall> = () => ({}),
) =>
  callLines(
    'load',
    Array.from({ length: count }, (_, n) => ({
      id: from_id + n,
      due_ms: from_ms + 20 * n,
      done_ms: from_ms + 20 * n + 10,
      ...change(n),
    })),
  );

/** A task that is delegated, and how its stream ends. */
function delegated(id: number, at_ms: number, state: string): Line[] {
  const op = { op: 'SendStreamingMessage', agent: 'agent', behaviour: 'delegates', text: '', token: '', messageId: '' };
  const status = { state: `TASK_STATE_${state}` };
  return [
    [at_ms, 'load', { type: 'invoke', op_id: id, user: 'user-1', device: 0, step: 0, due_ms: at_ms, op } as Line[2]],
    [at_ms + 1, 'load', { type: 'event', op_id: id, index: 0, payload: { task: { id: `t${id}`, status } } } as Line[2]],
    [at_ms + 2, 'load', { type: 'ok', op_id: id, value: { events: 1, ended: 'by-agent' } } as Line[2]],
  ];
}

test('a recovery is the first success of an op sent after the heal, not of one that was under way', () => {
  const underWay = { id: 1, due_ms: 5, done_ms: 60 };
  const told = recoveries([
    faultLine('asked', 0),
    invokeLine('load', underWay),
    faultLine('healed', 50),
    outcomeLine('load', underWay),
    ...callLines('load', [{ id: 2, due_ms: 70, done_ms: 95 }]),
  ]).get(0);
  expect(told).toMatchObject({ first_success_ms: 45, lost_during: { samples: 1 }, lost_after: { samples: 1 } });
});

test('what is as before is told from the first of twenty good outcomes on, and losses before and after the heal apart', () => {
  const told = recoveries([
    ...calls(40, 0, 0),
    faultLine('asked', 1000),
    ...calls(3, 1010, 100, (n) => (n === 0 ? { info: 'timeout' } : { fail: 'connection-reset' })),
    faultLine('healed', 2000),
    ...calls(2, 2010, 200, () => ({ fail: 'connection-refused' })),
    ...calls(5, 2100, 300, (n) => ({ done_ms: 2600 + n })),
    ...calls(30, 3000, 400),
  ]).get(0);
  expect(told).toMatchObject({
    overlaid: false,
    before: { samples: 40, error_rate: 0, p95_ms: 10 },
    first_success_ms: 600,
    tried_in_vain: 2,
    lost_during: { samples: 3, failed: 2, unknown: 1 },
    lost_after: { samples: 37, failed: 2, unknown: 0 },
    error_rate_back_ms: 600,
    p95_back_ms: 1010,
    users_all: 1,
    users: [{ user: 'user-1', lost_during: { failed: 2, unknown: 1 }, lost_after: { failed: 2 } }],
  });
});

test('too few before or too few after give no number', () => {
  const fault = [faultLine('asked', 5000), faultLine('healed', 5100)];
  const many = recoveries([...calls(20, 0, 0), ...fault, ...calls(20, 6000, 100)]).get(0);
  expect(many).toMatchObject({ error_rate_back_ms: 910, p95_back_ms: 910 });
  for (const [before, after] of [[19, 20] as const, [20, 19] as const]) {
    const told = recoveries([...calls(before, 0, 0), ...fault, ...calls(after, 6000, 100)]).get(0);
    expect(told).toMatchObject({ error_rate_back_ms: null, p95_back_ms: null });
  }
});

test('an agent has recovered from a fault on its peer when a delegated task does not fail, and not when it only answers', () => {
  const fault = [faultLine('asked', 0, 0, 'peer'), faultLine('healed', 100, 0, 'peer')];
  const told = recoveries([
    ...fault,
    ...calls(3, 110, 10),
    ...delegated(20, 200, 'FAILED'),
    ...delegated(21, 300, 'COMPLETED'),
  ]).get(0);
  expect(told).toMatchObject({ first_success_ms: 202, tried_in_vain: 1, lost_after: { samples: 2, failed: 1 } });
});

test('nothing is told as a recovery while another fault is there, nor after another has come', () => {
  const overlapping = recoveries([
    faultLine('asked', 0, 0),
    faultLine('asked', 10, 1),
    faultLine('healed', 20, 0),
    ...calls(2, 30, 0, () => ({ fail: 'connection-refused' })),
    faultLine('healed', 100, 1),
    ...calls(1, 110, 10),
  ]);
  expect(overlapping.get(0)).toMatchObject({ overlaid: true, first_success_ms: null, tried_in_vain: 0 });
  expect(overlapping.get(1)).toMatchObject({ overlaid: false, first_success_ms: 20 });
  const later = recoveries([
    faultLine('asked', 0, 0),
    faultLine('healed', 20, 0),
    faultLine('asked', 30, 1),
    ...calls(2, 40, 0, () => ({ fail: 'connection-refused' })),
  ]);
  expect(later.get(0)).toMatchObject({ overlaid: true, lost_after: { samples: 0 } });
});

test('a task is stuck when it was known before the heal and was still running when it was read back for the last time', () => {
  const read = (id: number, taskId: string, state: string): Line[] => {
    const task = { id: taskId, status: { state: `TASK_STATE_${state}` } };
    const call = { id, due_ms: 900, done_ms: 910, step: -1, value: { task } as never };
    return callLines('load', [call]);
  };
  const told = recoveries([
    faultLine('asked', 0),
    ...delegated(1, 10, 'WORKING'),
    ...delegated(2, 20, 'WORKING'),
    faultLine('healed', 100),
    ...delegated(3, 200, 'WORKING'),
    ...read(11, 't1', 'WORKING'),
    ...read(12, 't2', 'WORKING'),
    ...read(13, 't2', 'COMPLETED'),
    ...read(14, 't3', 'WORKING'),
  ]).get(0);
  expect(told).toMatchObject({ stuck: 1, users: [{ user: 'user-1', stuck: 1 }] });
});

test('a task is resumed when its user follows it to a good end under the same id, and not when only muster reads it', () => {
  const stream = (id: number, at_ms: number, how: 'connection-lost' | 'done', state = 'WORKING'): Line[] => {
    const [invoke, event] = delegated(id, at_ms, state);
    const end =
      how === 'done' ? { type: 'ok', value: { events: 1, ended: 'by-agent' } } : { type: 'info', error: { code: how } };
    const begun = [invoke, event].filter((line) => line !== undefined);
    return [...begun, [at_ms + 2, 'load', { op_id: id, ...end } as Line[2]]];
  };
  const look = (id: number, taskId: string, state: string, step: number): Line[] => {
    const task = { id: taskId, status: { state: `TASK_STATE_${state}` } };
    return callLines('load', [{ id, due_ms: 300, done_ms: 310, step, value: { task } as never }]);
  };
  const told = recoveries([
    ...stream(1, 5, 'connection-lost'),
    faultLine('asked', 10),
    ...stream(2, 20, 'connection-lost'),
    ...stream(3, 30, 'connection-lost'),
    ...stream(4, 40, 'connection-lost'),
    ...stream(5, 50, 'done', 'COMPLETED'),
    faultLine('healed', 100),
    ...stream(6, 200, 'connection-lost'),
    ...look(12, 't2', 'COMPLETED', 3),
    ...look(13, 't3', 'FAILED', 3),
    ...look(14, 't4', 'COMPLETED', -1),
  ]).get(0);
  expect(told).toMatchObject({ broken_off: 3, resumed: 1, users: [{ broken_off: 3, resumed: 1 }] });
});

test('a message is doubled when it was sent again under its id after a loss, and made two tasks', () => {
  const send = (id: number, at_ms: number, messageId: string, lost: boolean, taskId = ''): Line[] => {
    const op = { op: 'SendMessage', agent: 'agent', behaviour: 'short', text: '', token: '', messageId };
    const end = lost
      ? { type: 'info', error: { code: 'connection-lost' } }
      : { type: 'ok', value: { task: { id: taskId } } };
    return [
      [at_ms, 'load', { type: 'invoke', op_id: id, user: 'user-1', device: 0, step: id, due_ms: at_ms, op } as Line[2]],
      [at_ms + 1, 'load', { op_id: id, ...end } as Line[2]],
    ];
  };
  const history = (messageId: string) => [{ messageId, role: 'ROLE_USER', parts: [] }];
  const tasks = [
    { id: 'a1', history: history('a') },
    { id: 'a2', history: history('a') },
    { id: 'b1', history: history('b') },
  ];
  const told = recoveries([
    faultLine('asked', 0),
    ...send(1, 10, 'a', true),
    ...send(2, 20, 'b', true),
    ...send(3, 30, 'c', true),
    faultLine('healed', 50),
    ...send(4, 60, 'a', false, 'a2'),
    ...send(5, 70, 'b', false, 'b1'),
    ...send(6, 80, 'd', false, 'd1'),
    ...callLines('load', [{ id: 9, due_ms: 90, done_ms: 95, value: { tasks } as never }]),
  ]).get(0);
  expect(told).toMatchObject({ sent_again: 2, doubled: 1 });
});

test('users lose together what is lost in all, and more heals or failures never make a return out of nothing', () => {
  const anyCall = fc.record({
    id: fc.nat(),
    due_ms: fc.nat(500),
    took: fc.nat(100),
    how: fc.constantFrom({}, { fail: 'connection-reset' }, { info: 'timeout' }),
  });
  const anyLine = fc.oneof(
    anyCall.map(({ took, how, ...call }) => callLines('load', [{ ...call, done_ms: call.due_ms + took, ...how }])),
    fc
      .tuple(fc.constantFrom('asked' as const, 'healed' as const), fc.nat(2), fc.nat(500))
      .map(([phase, id, ms]) => [faultLine(phase, ms, id)]),
  );
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 80 }), (lines) => {
      for (const told of recoveries(lines.flat()).values()) {
        for (const part of ['lost_during', 'lost_after'] as const) {
          const { samples, failed, unknown } = told[part];
          expect(failed + unknown).toBeLessThanOrEqual(samples);
          expect(told.users.reduce((sum, user) => sum + user[part].failed, 0)).toBe(failed);
          expect(told.users.reduce((sum, user) => sum + user[part].unknown, 0)).toBe(unknown);
        }
        if (told.lost_after.samples < 20) expect(told.error_rate_back_ms).toBeNull();
        if (told.before.samples < 20) expect(told.p95_back_ms).toBeNull();
      }
    }),
  );
});
