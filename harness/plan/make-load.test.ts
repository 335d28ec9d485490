/** Laws of shapes: no time and no visit is lost or made up on the way from a profile to what the engines do. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lengthOf } from './due-times.ts';
import { demandOf, type LoadShape, peakOf, visitsAtMost, visitsIn } from './make-load.ts';

const rate = fc.double({ min: 0.1, max: 1_000, noNaN: true });
const ms = fc.integer({ min: 1, max: 600_000 });
const shape: fc.Arbitrary<Exclude<LoadShape, { shape: 'closed' }>> = fc.oneof(
  fc.record({ shape: fc.constant('constant' as const), rate_per_s: rate, for_ms: ms }),
  fc.record({ shape: fc.constant('ramp' as const), from_per_s: rate, to_per_s: rate, for_ms: ms, hold_ms: ms }),
  fc.record({
    shape: fc.constant('steps' as const),
    from_per_s: rate,
    to_per_s: rate,
    steps: fc.integer({ min: 2, max: 20 }),
    each_ms: ms,
  }),
  fc.record({
    shape: fc.constant('spike' as const),
    base_per_s: rate,
    peak_per_s: rate,
    before_ms: ms,
    rise_ms: ms,
    peak_ms: ms,
    fall_ms: ms,
    after_ms: ms,
  }),
  fc.record({ shape: fc.constant('soak' as const), rate_per_s: rate, rise_ms: ms, for_ms: ms }),
);

test('what a shape lasts is the sum of the times that it names', () => {
  const timesOf = (each: LoadShape): number => {
    const times: Readonly<Record<string, unknown>> = { ...each };
    const sum = Object.entries(times)
      .filter(([name]) => name.endsWith('_ms'))
      .reduce((all, [, time]) => all + Number(time), 0);
    if (each.shape === 'steps') return each.steps * each.each_ms;
    return each.shape === 'soak' ? sum + each.rise_ms : sum;
  };
  fc.assert(
    fc.property(shape, (each) => {
      expect(lengthOf(demandOf(each, 'even'))).toBe(timesOf(each));
    }),
  );
});

test('a rate never jumps but where the shape says so, and never leaves what it names', () => {
  fc.assert(
    fc.property(shape, (each) => {
      const demand = demandOf(each, 'even');
      const named = Object.entries(each).flatMap(([name, value]) => (name.endsWith('_per_s') ? [Number(value)] : []));
      expect(peakOf(demand)).toBe(Math.max(...named));
      if (demand.kind === 'closed' || each.shape === 'steps') return;
      for (const [index, stage] of demand.stages.entries()) {
        const before = demand.stages[index - 1];
        if (before !== undefined) expect(stage.from_per_s).toBe(before.to_per_s);
      }
    }),
  );
});

test('there are never more visits than the peak allows for, and twice the rates bring twice the visits', () => {
  fc.assert(
    fc.property(shape, (each) => {
      const demand = demandOf(each, 'even');
      const visits = visitsIn(demand) ?? 0;
      expect(visits).toBeLessThanOrEqual(((peakOf(demand) ?? 0) * lengthOf(demand)) / 1000 + 1e-6);
      if (demand.kind === 'closed') return;
      const twice = demand.stages.map(({ from_per_s, to_per_s, for_ms }) => {
        return { from_per_s: 2 * from_per_s, to_per_s: 2 * to_per_s, for_ms };
      });
      expect(visitsIn({ ...demand, stages: twice })).toBeCloseTo(2 * visits, 5);
    }),
  );
});

test('so many as are said to come at most come evenly, and chance may bring more', () => {
  const hundred = { shape: 'constant', rate_per_s: 10, for_ms: 10_000 } as const;
  expect(visitsAtMost(demandOf(hundred, 'even'))).toBe(100);
  expect(visitsAtMost(demandOf(hundred, 'poisson'))).toBe(166);
  expect(visitsAtMost(demandOf({ shape: 'closed', at_once: 5, for_ms: 1 }, 'even'))).toBeUndefined();
});

test('steps begin and end at the rates that are named, evenly apart', () => {
  const demand = demandOf({ shape: 'steps', from_per_s: 10, to_per_s: 40, steps: 4, each_ms: 5 }, 'even');
  expect(demand).toEqual({
    kind: 'open',
    arrivals: 'even',
    stages: [10, 20, 30, 40].map((level) => ({ from_per_s: level, to_per_s: level, for_ms: 5 })),
  });
});

test('a hold of no time is no stage', () => {
  const ramp = { shape: 'ramp', from_per_s: 1, to_per_s: 2, for_ms: 5, hold_ms: 0 } as const;
  expect(demandOf(ramp, 'poisson')).toEqual({
    kind: 'open',
    arrivals: 'poisson',
    stages: [{ from_per_s: 1, to_per_s: 2, for_ms: 5 }],
  });
});
