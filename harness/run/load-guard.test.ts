/** A load is stopped at its caps and by its abort rules, never a request later, and the reason is a sentence. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { Demand, LoadCaps } from '../model/load.ts';
import { openLoadGuard, type RuleWatch } from './load-guard.ts';

const CAPS: LoadCaps = {
  rate_per_s_max: 3,
  users_max: 10,
  requests_max: 5,
  bytes_max: 100,
  duration_ms_max: 1_000,
};
const CLOSED: Demand = { kind: 'closed', at_once: 2, for_ms: 1_000 };
const OPEN: Demand = { kind: 'open', stages: [], arrivals: 'even' };

const NOTHING: RuleWatch<number> = { add: () => {}, missedSince: () => undefined };
const guardOf = (caps: LoadCaps, demand: Demand = CLOSED) =>
  openLoadGuard<number>({ load: { caps, abort: [], demand }, clock: () => 1_234, watch: () => NOTHING });

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

test('bytes stop a load, too', () => {
  using guard = guardOf(CAPS);
  guard.received(60);
  expect(guard.maySend('GetTask')).toBe(true);
  guard.received(41);
  expect(guard.maySend('GetTask')).toBe(false);
  expect(guard.reason()).toContain('its cap of 100 bytes (--max-bytes)');
});

test('a closed load goes no faster than it may, and an open one goes as planned', () => {
  using closed = guardOf(CAPS);
  for (const ms of [0, 400, 999, 1_000, 1_100, 1_200]) closed.arrives(ms);
  expect(closed.reason()).toBeUndefined();
  closed.arrives(1_999);
  expect(closed.reason()).toContain('its cap of 3 visits per second (--max-rate)');
  using open = guardOf(CAPS, OPEN);
  for (let visit = 0; visit < 10; visit += 1) open.arrives(0);
  expect(open.reason()).toBeUndefined();
});

test('the first reason is the one that is told', () => {
  using guard = guardOf({ ...CAPS, requests_max: 1 });
  guard.maySend('GetTask');
  guard.maySend('GetTask');
  guard.received(1_000);
  expect(guard.reason()).toContain('--max-requests');
});

test('an abort rule stops the load when its gate was missed for so long, also when nothing is measured any more', async () => {
  const seen: number[] = [];
  let now_ms = 0;
  let since_ms: number | undefined;
  using guard = openLoadGuard<number>({
    load: { caps: CAPS, abort: [{ gate: 'error_rate <= 20%', for_ms: 10_000 }], demand: OPEN },
    clock: () => now_ms,
    watch: () => ({ add: (value) => void seen.push(value), missedSince: () => since_ms }),
  });
  guard.add(7);
  expect(seen).toEqual([7]);
  const stopped = once(guard.signal, 'abort');
  now_ms = 9_000;
  expect(guard.signal.aborted).toBe(false);
  since_ms = 9_000;
  now_ms = 19_500;
  await stopped;
  expect(guard.reason()).toBe(
    'it was stopped by an abort rule, for the gate error_rate <= 20% was missed for 10.5 s, from 9.0 s to 19.5 s after the run began',
  );
  expect(guard.signal.reason).toEqual(new Error(guard.reason()));
});
