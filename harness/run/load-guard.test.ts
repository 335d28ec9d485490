/** A load is stopped at its caps and by its abort rules, never a request later, and the reason is a sentence. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { Demand, LoadCaps } from '../model/load.ts';
import { openLoadGuard, type RuleWindow } from './load-guard.ts';

const CAPS: LoadCaps = {
  rate_per_s_max: 3,
  users_max: 10,
  requests_max: 5,
  bytes_max: 100,
  duration_ms_max: 1_000,
};
const CLOSED: Demand = { kind: 'closed', at_once: 2, for_ms: 1_000 };
const OPEN: Demand = { kind: 'open', stages: [], arrivals: 'even' };

const NOTHING: RuleWindow<number> = { add: () => {}, visit: () => {}, at: () => 0, last: () => null };
const guardOf = (
  caps: LoadCaps,
  demand: Demand = CLOSED,
  more: { clock?: () => number; bytesIn?: () => number } = {},
) =>
  openLoadGuard<number>({
    load: { caps, abort: [], demand },
    clock: () => 1_234,
    bytesIn: () => undefined,
    watch: () => NOTHING,
    ...more,
  });

test('as many requests are sent as are allowed, and not one more', () => {
  using guard = guardOf(CAPS);
  const asked = Array.from({ length: 8 }, () => guard.maySend('GetTask'));
  expect(asked).toEqual([true, true, true, true, true, false, false, false]);
  expect(guard.signal.aborted).toBe(true);
  expect(guard.reason()).toBe('it was stopped at its cap of 5 requests (--max-requests), 1.2 s after the run began');
});

test('messages are paid for, and other requests are not', () => {
  using guard = guardOf({ ...CAPS, requests_max: 100, cost: { per_message: 0.1, max: 0.3 } });
  const ops = ['SendMessage', 'GetTask', 'SendStreamingMessage', 'GetTask', 'GetTask'] as const;
  expect(ops.map((op) => guard.maySend(op))).toEqual([true, true, true, true, true]);
  expect([guard.maySend('SendMessage'), guard.maySend('SendMessage')]).toEqual([true, false]);
  expect(guard.reason()).toContain('its cap of 0.3 of cost, at 0.1 for each message (--max-cost)');
});

test('bytes stop a load, too', async () => {
  let bytes = 60;
  using guard = guardOf(CAPS, CLOSED, { bytesIn: () => bytes });
  expect(guard.maySend('GetTask')).toBe(true);
  const stopped = once(guard.signal, 'abort');
  bytes = 101;
  await stopped;
  expect(guard.maySend('GetTask')).toBe(false);
  expect(guard.reason()).toContain('its cap of 100 bytes (--max-bytes)');
});

test('a closed load goes no faster than it may, and an open one goes as planned', () => {
  let now_ms = 0;
  const clock = () => now_ms;
  using closed = guardOf(CAPS, CLOSED, { clock });
  for (const ms of [0, 400, 999, 1_000, 1_100, 1_200]) {
    now_ms = ms;
    closed.visit(0, true);
  }
  closed.visit(0, false);
  expect(closed.reason()).toBeUndefined();
  now_ms = 1_999;
  closed.visit(0, true);
  expect(closed.reason()).toContain('its cap of 3 visits per second (--max-rate)');
  using open = guardOf(CAPS, OPEN);
  for (let visit = 0; visit < 10; visit += 1) open.visit(0, true);
  expect(open.reason()).toBeUndefined();
});

test('the first reason is the one that is told', () => {
  using guard = guardOf({ ...CAPS, requests_max: 1 });
  guard.maySend('GetTask');
  guard.maySend('GetTask');
  guard.maySend('SendMessage');
  expect(guard.reason()).toContain('--max-requests');
});

test('an abort rule stops the load when its gate was missed for so long, also when nothing is measured any more', async () => {
  const seen: unknown[] = [];
  let missed_ms = 9_000;
  using guard = openLoadGuard<number>({
    load: { caps: CAPS, abort: [{ gate: 'error_rate <= 20%', for_ms: 10_000 }], demand: OPEN },
    clock: () => 19_500,
    bytesIn: () => undefined,
    watch: () => ({
      add: (value) => void seen.push(value),
      visit: (...told) => void seen.push(told),
      at: () => missed_ms,
      last: () => ({ value: 43.21 }),
    }),
  });
  guard.add(7);
  guard.visit(5, false);
  expect(seen).toEqual([7, [5, false]]);
  expect(guard.signal.aborted).toBe(false);
  const stopped = once(guard.signal, 'abort');
  missed_ms = 10_500;
  await stopped;
  expect(guard.reason()).toBe(
    'it was stopped by an abort rule 19.5 s after the run began: the gate error_rate <= 20% had been missed for 10.5 s (it was 43.21 in the end)',
  );
  expect(guard.signal.reason).toEqual(new Error(guard.reason()));
});
