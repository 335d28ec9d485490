/** What shards counted is added in whatever order and grouping they come, and their times are put on one clock. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignClocks } from './align-clocks.ts';
import { decodeMetrics, type EncodedMetrics, encodeMetrics } from './encode-metrics.ts';
import { loadRulesOf } from './load-metrics.ts';
import { addMeasurement, addVisit, beginLoad } from './measurement.ts';
import { type Metrics, mergeMetrics, startMetrics, toScenarioMetrics } from './metrics.ts';
import { smallLoad, smallPlan, smallScenario } from './testing.ts';

const load = smallLoad();
const plan = smallPlan([smallScenario('load', { users: 9 })], { load });

interface Asked {
  readonly user: number;
  readonly after_ms: number;
  readonly took_ms: number;
  readonly came: boolean;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  user: fc.nat(8),
  after_ms: fc.nat(2_500),
  took_ms: fc.nat(5_000),
  came: fc.boolean(),
});

/** A shard has users and a clock of its own, and leaves its numbers as text. */
function segmentOf(all: readonly Asked[], begin_ms: number): EncodedMetrics {
  const metrics = startMetrics(loadRulesOf(plan));
  beginLoad(metrics, begin_ms);
  for (const { user, after_ms, took_ms, came } of all) {
    const due_ms = begin_ms + after_ms;
    addVisit(metrics, due_ms, came, user);
    const times = { due_ms, sent_ms: due_ms + 1, ended_ms: due_ms + took_ms };
    if (came) addMeasurement(metrics, { op: 'SendMessage', user, ...times, outcome: took_ms > 4_000 ? 'info' : 'ok' });
  }
  return JSON.parse(JSON.stringify(encodeMetrics(metrics)));
}

const told = (metrics: Metrics) => toScenarioMetrics(metrics, undefined, load).load;
const addUp = (all: readonly EncodedMetrics[]): Metrics => all.map((one) => decodeMetrics(one)).reduce(mergeMetrics);

test('shards added in any order and grouping are the whole', () => {
  fc.assert(
    fc.property(
      fc.array(asked, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat(5_000)),
      fc.nat(),
      (all, of, begins, draw) => {
        const parts = Array.from({ length: of }, (_, index) =>
          segmentOf(
            all.filter(({ user }) => user % of === index),
            begins.next().value,
          ),
        );
        const whole = told(decodeMetrics(segmentOf(all, 0)));
        const cut = draw % of;
        const turned = [...parts.slice(cut), ...parts.slice(0, cut)];
        expect(told(addUp(turned))).toEqual(whole);
        const [left, right] = [turned.slice(0, cut), turned.slice(cut)];
        const groups = [left, right].filter((group) => group.length > 0).map((group) => encodeMetrics(addUp(group)));
        expect(told(addUp(groups.toReversed()))).toEqual(whole);
      },
    ),
  );
});

test('on one machine its own clock counts, also where the one on the wall was set meanwhile', () => {
  const on = (id: string | null, wall_ms: number, at_ms: number) => ({
    wall_ms,
    boot: id === null ? null : { id, at_ms },
  });
  expect(alignClocks([on('a', 1_000_000, 500), on('a', 940_000, 512.5), on('a', 1_000_000, 499)])).toEqual([
    1, 13.5, 0,
  ]);
  expect(alignClocks([on('a', 2_000, 500), on('b', 1_500, 9), on('b', 7_777, 10), on(null, 3_000, 0)])).toEqual([
    500, 0, 1, 1_500,
  ]);
});
