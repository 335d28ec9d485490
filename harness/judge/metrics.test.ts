/** Numbers must not depend on how a run was divided, and must stay small however long it was. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../model/history.ts';
import type { ScenarioMetrics } from '../model/record.ts';
import { startFeed } from './feed.ts';
import { type Metrics, mergeMetrics, startMetrics, toScenarioMetrics } from './metrics.ts';
import { startPairing } from './pairing.ts';
import { callLines, invokeLine, type Line, outcomeLine, type SmallCall, smallHistory } from './testing.ts';

function measure(lines: readonly Line[]): Metrics {
  const metrics = startMetrics();
  const feed = startFeed(metrics);
  const pair = startPairing();
  for (const event of smallHistory(lines)) if (event.scenario !== '') feed(event, pair(event));
  return metrics;
}

const measured = (lines: readonly Line[]): ScenarioMetrics => toScenarioMetrics(measure(lines));

const fault = { fault: 'freeze', target: 'agent', begins: { at_ms: 0 }, for_ms: 50 } as const;

const calls: fc.Arbitrary<SmallCall> = fc
  .record({
    id: fc.nat(),
    op: fc.constantFrom('GetTask' as const, 'CancelTask' as const, 'SubscribeToTask' as const),
    due_ms: fc.integer({ min: 0, max: 200_000 }),
    took_ms: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 100_000 })),
    how: fc.constantFrom(
      {},
      { fail: 'TaskNotFoundError' },
      { info: 'timeout' },
      { value: { ended: 'by-reader' as const } },
    ),
  })
  .map(({ took_ms, how, ...call }) => ({ ...call, done_ms: call.due_ms + took_ms, ...how }));
const lines: fc.Arbitrary<Line[]> = fc
  .array(
    fc.oneof(
      calls.map((call) => callLines('load', [call])),
      fc
        .integer({ min: 0, max: 200_000 })
        .map((due_ms): Line[] => [
          [due_ms, 'load', { type: 'user', phase: 'dropped', user: 'user-9', device: 0, due_ms }],
        ]),
      fc
        .constantFrom('asked' as const, 'applied' as const, 'healed' as const)
        .map((phase): Line[] => [[40, 'load', { type: 'fault', phase, fault_id: 0, fault, proof: 'seen' } as Line[2]]]),
    ),
    { maxLength: 60 },
  )
  .map((all) => all.flat());

test('merging is associative, and the empty measurement changes nothing', () => {
  fc.assert(
    fc.property(lines, lines, lines, (first, second, third) => {
      const [a, b, c] = [measure(first), measure(second), measure(third)] as const;
      const left = toScenarioMetrics(mergeMetrics(mergeMetrics(a, b), c));
      expect(toScenarioMetrics(mergeMetrics(a, mergeMetrics(b, c)))).toEqual(left);
      expect(toScenarioMetrics(mergeMetrics(startMetrics(), mergeMetrics(a, startMetrics())))).toEqual(
        toScenarioMetrics(a),
      );
    }),
  );
});

test('parts that are measured apart and merged give what the whole gives', () => {
  const isNoFault = ([, , event]: Line): boolean => event.type !== 'fault';
  fc.assert(
    fc.property(lines, lines, (first, second) => {
      const parts = mergeMetrics(measure(first.filter(isNoFault)), measure(second.filter(isNoFault)));
      expect(toScenarioMetrics(parts)).toEqual(measured([...first, ...second].filter(isNoFault)));
    }),
  );
});

test('percentiles are within a thousandth of the true ones, and the largest value is exact', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 100, maxLength: 200 }), (all_us) => {
      const [operation] = measured(
        callLines(
          'load',
          all_us.map((us, id) => ({ id, due_ms: 0, done_ms: us / 1000 })),
        ),
      ).operations;
      const sorted_ms = all_us.map((us) => us / 1000).sort((a, b) => a - b);
      for (const [percentile, seen_ms] of [
        [50, operation?.from_due.p50],
        [95, operation?.from_due.p95],
        [99, operation?.from_due.p99],
      ] as const) {
        const true_ms = sorted_ms[Math.ceil((percentile * sorted_ms.length) / 100) - 1] ?? 0;
        expect(seen_ms).toBeGreaterThanOrEqual(true_ms);
        expect(seen_ms).toBeLessThanOrEqual(true_ms * 1.001 + 0.001);
      }
      expect(operation?.from_due.max).toBe(sorted_ms.at(-1));
    }),
  );
});

test('there are never more than 40 slices, and they hold every outcome', () => {
  fc.assert(
    fc.property(lines, (all) => {
      const { series, slice_ms, dropped, operations } = measured(all);
      expect(series.length).toBeLessThanOrEqual(40);
      expect(Math.log2(slice_ms / 50) % 1).toBe(0);
      expect(series.every(({ at_ms }, position) => at_ms === (series[0]?.at_ms ?? 0) + position * slice_ms)).toBe(true);
      const sum = (
        pick: (point: { ok: number; fail: number; info: number }) => number,
        all: typeof operations | typeof series,
      ) => all.reduce((total, one) => total + pick(one), 0);
      for (const outcome of ['ok', 'fail', 'info'] as const) {
        expect(sum((point) => point[outcome], series)).toBe(sum((point) => point[outcome], operations));
      }
      expect(series.reduce((total, point) => total + point.dropped, 0)).toBe(dropped);
    }),
  );
});

test('too few samples give no percentile', () => {
  const ofSize = (count: number) =>
    measured(
      callLines(
        'load',
        Array.from({ length: count }, (_, id) => ({ id, due_ms: 0, done_ms: 8 })),
      ),
    ).operations[0]?.from_due;
  expect(ofSize(4)).toEqual({ count: 4, p50: null, p95: null, p99: null, max: 8 });
  expect(ofSize(5)).toMatchObject({ count: 5, p50: 8, p95: null });
  expect(ofSize(20)).toMatchObject({ count: 20, p95: 8, p99: null });
  expect(ofSize(100)).toMatchObject({ count: 100, p99: 8 });
});

test('harness acts and the final reading back are not counted', () => {
  const pause: Line = [
    1,
    'load',
    { type: 'invoke', op_id: 1, user: 'u', device: 0, step: 0, due_ms: 1, op: { op: 'pause', ms: 5 } },
  ];
  const readingBack = callLines('load', [{ id: 2, step: -1, due_ms: 9, done_ms: 9 }]);
  const paused: Line = [6, 'load', { type: 'ok', op_id: 1, value: {} }];
  expect(measured([pause, paused, ...readingBack])).toMatchObject({ operations: [], series: [] });
});

test('a stream is timed to its first event from due time, and to its end unless its reader left', () => {
  const stream = { id: 1, op: 'SubscribeToTask' as const, due_ms: 10, sent_ms: 20, done_ms: 90 };
  const first: Line = [30, 'load', { type: 'event', op_id: 1, index: 0, payload: {} }];
  const later: Line = [60, 'load', { type: 'event', op_id: 1, index: 1, payload: {} }];
  const toItsEnd = [invokeLine('load', stream), first, later, outcomeLine('load', stream)];
  expect(measured(toItsEnd).operations).toMatchObject([
    { op: 'SubscribeToTask', ok: 1, first_event: { count: 1, max: 20 }, from_due: { max: 80 }, from_sent: { max: 70 } },
  ]);
  const left = outcomeLine('load', { ...stream, value: { ended: 'by-reader', events: 2 } });
  expect(measured([invokeLine('load', stream), first, left]).operations).toMatchObject([
    { ok: 1, first_event: { count: 1 }, from_due: { count: 0, max: null } },
  ]);
});

test('refusals give no latency, what was given up does, and both are counted by code', () => {
  const [operation] = measured(
    callLines('load', [
      { id: 1, due_ms: 0, done_ms: 1, fail: 'connection-refused' },
      { id: 2, due_ms: 0, done_ms: 900, info: 'timeout' },
      { id: 3, due_ms: 0, done_ms: 2, fail: '__proto__' },
    ]),
  ).operations;
  expect(operation).toMatchObject({ ok: 0, fail: 2, info: 1, from_due: { count: 1, max: 900 } });
  expect(Object.entries(operation?.errors ?? {})).toEqual([
    ['__proto__', 1],
    ['connection-refused', 1],
    ['timeout', 1],
  ]);
});

test('users are counted once however many devices they have, and dropped ones apart', () => {
  const arrived = (user: string, device: number): Line => [
    1,
    'load',
    { type: 'user', phase: 'arrived', user, device, due_ms: 1, canary: user, identity: 'bearer' },
  ];
  const dropped: Line = [2, 'load', { type: 'user', phase: 'dropped', user: 'c', device: 0, due_ms: 2 }];
  expect(measured([arrived('a', 0), arrived('a', 1), arrived('b', 0), dropped])).toMatchObject({
    started_ms: 1,
    ended_ms: 2,
    users: 2,
    dropped: 1,
    series: [{ at_ms: 0, dropped: 1 }],
  });
});

test('a fault that could not be applied says why, and has no recovery', () => {
  const told = measured([
    [0, 'load', { type: 'fault', phase: 'asked', fault_id: 3, fault }],
    [2, 'load', { type: 'fault', phase: 'failed', fault_id: 3, fault, message: 'no such process' }],
    ...callLines('load', [{ id: 1, due_ms: 3, done_ms: 4 }]),
  ]).faults;
  expect(told).toMatchObject([{ applied_ms: null, proof: 'failed: no such process', recovery_ms: null }]);
});

test('an op that nobody saw begin is left out', () => {
  const orphan: HistoryEvent = { seq: 1, time_ms: 5, scenario: 'load', type: 'ok', op_id: 99, value: {} };
  const metrics = startMetrics();
  startFeed(metrics)(orphan, startPairing()(orphan));
  expect(toScenarioMetrics(metrics).operations).toEqual([]);
});

test('an op is forgotten with its outcome, so that a second outcome counts nothing', () => {
  const call = { id: 1, due_ms: 1, done_ms: 2 };
  const twice = [...callLines('load', [call]), outcomeLine('load', call)];
  expect(measured(twice).operations).toMatchObject([{ ok: 1, from_due: { count: 1 } }]);
});
