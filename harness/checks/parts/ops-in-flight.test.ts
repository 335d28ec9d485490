/** What is noted of an op must be there for the event that ends it, and for no other op, also where somebody else's history uses a number again. */
import { expect, test } from 'vitest';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { startOpsInFlight } from './ops-in-flight.ts';

const invoke = (op_id: number): InvokeEvent => ({
  seq: op_id,
  time_ms: 0,
  scenario: 's',
  type: 'invoke',
  op_id,
  user: 'alice',
  device: 0,
  step: 0,
  due_ms: 0,
  op: { op: 'pause', ms: 1 },
});
const ok = (op_id: number): HistoryEvent => ({ seq: 9, time_ms: 0, scenario: 's', type: 'ok', op_id, value: {} });

test('a note is there until the op has ended, and each check has its own', () => {
  const ops = startOpsInFlight();
  const [mine, others] = [ops.perOp<string>(), ops.perOp<string>()];
  const [first, second] = [invoke(1), invoke(2)];
  for (const event of [first, second]) ops.add(event);
  mine.set(first, 'a');
  mine.set(second, 'b');
  others.set(second, 'c');
  expect([mine.get(first), mine.get(second), others.get(first), others.get(second)]).toEqual([
    'a',
    'b',
    undefined,
    'c',
  ]);
  expect([...mine.values()]).toEqual(['a', 'b']);
  ops.add(ok(1));
  expect(mine.get(first)).toBe('a');
  expect([...mine.values()]).toEqual(['b']);
  ops.add(invoke(3));
  expect(mine.get(first)).toBeUndefined();
  expect(mine.get(second)).toBe('b');
});

test('an op that begins under the number of another one has nothing of it', () => {
  const ops = startOpsInFlight();
  const notes = ops.perOp<string>();
  ops.add(invoke(1));
  notes.set(invoke(1), 'of the first');
  ops.add(invoke(1));
  expect(notes.get(invoke(1))).toBeUndefined();
});
