/** What is measured of a load must be the same however it came in, and however the load was divided. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProtocolOp } from '../model/op.ts';
import { decodeMetrics, encodeMetrics, MetricsError } from './encode-metrics.ts';
import { startFeed, startMeasuring } from './feed.ts';
import type { LoadRules } from './load-metrics.ts';
import { addMeasurement, addVisit, beginLoad, endLoad, type Measurement } from './measurement.ts';
import { type Metrics, mergeMetrics, startMetrics } from './metrics.ts';
import { startPairing } from './pairing.ts';
import { invokeLine, type Line, outcomeLine, smallHistory } from './testing.ts';

const rules: LoadRules = {
  objective_ms: 200,
  stall_ms: 50,
  lag_ms_max: 100,
  users: 4,
  for_ms: 3_000,
  stages: [
    { from_per_s: 1, to_per_s: 1, for_ms: 1_000 },
    { from_per_s: 1, to_per_s: 3, for_ms: 2_000 },
  ],
};

const measurements: fc.Arbitrary<Measurement> = fc
  .record({
    op: fc.constantFrom('SendMessage' as const, 'SendStreamingMessage' as const, 'GetTask' as const),
    user: fc.nat(5),
    due_ms: fc.integer({ min: 10, max: 2_000_000 }),
    lag_ms: fc.nat(200),
    took_ms: fc.nat(100_000),
    gaps_ms: fc.array(fc.nat(100), { maxLength: 5 }),
    how: fc.constantFrom(
      { outcome: 'ok' as const },
      { outcome: 'ok' as const, left: true as const },
      { outcome: 'fail' as const, error: 'TaskNotFoundError' },
      { outcome: 'info' as const, error: 'timeout' },
    ),
    bytes_in: fc.nat(1_000_000),
    state: fc.constantFrom('TASK_STATE_COMPLETED', 'TASK_STATE_FAILED'),
  })
  .map(({ due_ms, lag_ms, took_ms, gaps_ms, how, state, ...rest }): Measurement => {
    const sent_ms = due_ms + lag_ms;
    let at_ms = sent_ms;
    return {
      ...rest,
      ...how,
      due_ms,
      sent_ms,
      ended_ms: sent_ms + took_ms,
      events_ms: gaps_ms.map((gap_ms) => {
        at_ms += gap_ms;
        return at_ms;
      }),
      terminal: { began_by: 'SendMessage', state, took_ms },
    };
  });

type Thing = (metrics: Metrics) => void;
const things: fc.Arbitrary<Thing[]> = fc.array(
  fc.oneof(
    measurements.map(
      (measurement): Thing =>
        (metrics) =>
          addMeasurement(metrics, measurement),
    ),
    fc.tuple(fc.integer({ min: 10, max: 10_000 }), fc.boolean(), fc.nat(5)).map(
      (visit): Thing =>
        (metrics) =>
          addVisit(metrics, ...visit),
    ),
    fc.tuple(fc.nat(10_000), fc.boolean()).map(
      (end): Thing =>
        (metrics) =>
          endLoad(metrics, ...end),
    ),
  ),
  { maxLength: 30 },
);

function measure(all: readonly Thing[]): Metrics {
  const metrics = startMetrics(rules);
  beginLoad(metrics, 10);
  for (const add of all) add(metrics);
  return metrics;
}

/** All that can be seen of numbers: the order in which things came makes no difference. */
const shown = (metrics: Metrics): unknown => {
  const { tallies, series, load, ...rest } = encodeMetrics(metrics);
  const byName = <T extends readonly [string, unknown]>(all: readonly T[]): T[] =>
    all.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const inTime = (encoded: typeof series) => ({
    ...encoded,
    slices: encoded.slices.toSorted((a, b) => a.number - b.number),
  });
  return {
    ...rest,
    series: inTime(series),
    load: load && { ...load, seconds: inTime(load.seconds) },
    tallies: byName(tallies).map(([op, tally]) => [
      op,
      { ...tally, errors: byName(tally.errors), ended: byName(tally.ended) },
    ]),
  };
};

test('loads that are measured apart and merged give what the whole gives, in any order', () => {
  fc.assert(
    fc.property(things, things, things, (a, b, c) => {
      const whole = shown(measure([...a, ...b, ...c]));
      expect(shown(mergeMetrics(mergeMetrics(measure(a), measure(b)), measure(c)))).toEqual(whole);
      expect(shown(mergeMetrics(measure(c), mergeMetrics(measure(b), measure(a))))).toEqual(whole);
      expect(shown(mergeMetrics(startMetrics(), measure([...a, ...b, ...c])))).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test('what is written and read back is the same, and merges as the same', () => {
  const back = (metrics: Metrics): Metrics => decodeMetrics(JSON.parse(JSON.stringify(encodeMetrics(metrics))));
  fc.assert(
    fc.property(things, things, (first, second) => {
      const [a, b] = [measure(first), measure(second)];
      expect(encodeMetrics(back(a))).toEqual(encodeMetrics(a));
      expect(shown(mergeMetrics(back(a), back(b)))).toEqual(shown(back(mergeMetrics(a, b))));
    }),
    { numRuns: 60 },
  );
});

test('what is no encoding of metrics is refused with a sentence', () => {
  for (const value of [null, 7, {}, { schema: 'muster.metrics/9' }]) {
    expect(() => decodeMetrics(value)).toThrow(/reads muster\.metrics\/1/);
  }
  const { tallies: _, ...torn } = encodeMetrics(startMetrics());
  expect(() => decodeMetrics(torn)).toThrow(MetricsError);
  const damaged = structuredClone(encodeMetrics(measure([(metrics) => addVisit(metrics, 10, true, 0)])));
  Object.assign(damaged.load?.lag ?? {}, { counts: [[-1, 1]] });
  expect(() => decodeMetrics(damaged)).toThrow(/damaged/);
});

test('loads that were counted by different rules are not merged', () => {
  expect(() => mergeMetrics(startMetrics(rules), startMetrics({ ...rules, objective_ms: 1 }))).toThrow(
    /different rules/,
  );
});

const visit = (at_ms: number, user: string, phase: 'arrived' | 'dropped'): Line => [
  at_ms,
  'load',
  phase === 'dropped'
    ? { type: 'user', phase, user, device: 0, due_ms: at_ms }
    : { type: 'user', phase, user, device: 0, due_ms: at_ms, canary: user, identity: 'bearer' },
];
const working = { taskId: 't', status: { state: 'TASK_STATE_WORKING' as const } };
const done = { taskId: 't', status: { state: 'TASK_STATE_COMPLETED' as const } };
const stream = { id: 1, op: 'SendStreamingMessage' as const, due_ms: 100, sent_ms: 110, done_ms: 400 };
const poll = { id: 2, op: 'GetTask' as const, due_ms: 1_500, done_ms: 1_510 };

const begins = { op: 'SendStreamingMessage', agent: 'agent' } as ProtocolOp;
const sendLine: Line = [
  110,
  'load',
  { type: 'invoke', op_id: 1, user: 'u1', device: 0, step: 0, due_ms: 100, op: begins },
];

const history = smallHistory([
  [50, 'load', { type: 'scenario', phase: 'loading' }],
  visit(100, 'u1', 'arrived'),
  sendLine,
  [150, 'load', { type: 'event', op_id: 1, index: 0, payload: { statusUpdate: working } }],
  [250, 'load', { type: 'event', op_id: 1, index: 1, payload: { statusUpdate: working } }],
  [280, 'load', { type: 'event', op_id: 1, index: 2, payload: { statusUpdate: done } }],
  outcomeLine('load', stream),
  visit(1_100, 'u2', 'dropped'),
  invokeLine('load', poll),
  outcomeLine('load', poll),
  [3_050, 'load', { type: 'scenario', phase: 'load-over' }],
]);

test('a history gives the same numbers as its ops told one by one', () => {
  const [byEvents, byOps] = [startMetrics(rules), startMetrics(rules)];
  const [pair, feed, measuring] = [startPairing(), startFeed(byEvents), startMeasuring()];
  beginLoad(byOps, 50);
  addVisit(byOps, 100, true, 0);
  addVisit(byOps, 1_100, false, 1);
  endLoad(byOps, 3_050, false);
  for (const event of history) {
    const invoke = pair(event);
    if (event.scenario !== '') feed(event, invoke);
    const measurement = measuring(event, invoke);
    if (measurement !== undefined) addMeasurement(byOps, measurement);
  }
  Object.assign(byOps, { started_ms: byEvents.started_ms, ended_ms: byEvents.ended_ms, users: byEvents.users });
  byOps.series.slices.clear();
  byEvents.series.slices.clear();
  expect(shown(byOps)).toEqual(shown(byEvents));
});

test('gaps, stalls, the time to the end of a task, goodput and who was served are counted', () => {
  const metrics = startMetrics(rules);
  const [pair, feed] = [startPairing(), startFeed(metrics)];
  for (const event of history) feed(event, pair(event));
  const sent = metrics.tallies.get('SendStreamingMessage');
  expect(sent).toMatchObject({ events: 3, stalls: 1, asked: 1, good: 0 });
  expect(sent?.gap).toMatchObject({ max_us: 100_000 });
  expect(sent?.terminal).toMatchObject({ max_us: 170_000 });
  expect(sent?.ended).toEqual(new Map([['TASK_STATE_COMPLETED', 1]]));
  expect(metrics.tallies.get('GetTask')).toMatchObject({ asked: 1, good: 1 });
  expect(metrics.load).toMatchObject({ due: 2, sent: 1, dropped: 1, ran_ms: 3_000, began_ms: 50 });
  expect(metrics.load?.stages).toMatchObject([
    { due: 1, sent: 1, dropped: 0, asked: 1, good: 0 },
    { due: 1, sent: 0, dropped: 1, asked: 1, good: 1 },
  ]);
  expect([...(metrics.load?.users_asked ?? [])]).toEqual([1, 1, 0, 0]);
});
