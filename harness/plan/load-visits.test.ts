import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Demand, LoadStage } from '../model/load.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { arrivalsIn, dueTimes, lengthOf } from './due-times.ts';
import { type LoadVisit, loadVisits, nextVisit } from './load-visits.ts';

const rate = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 300, noNaN: true }));
const stage = fc.record({ from_per_s: rate, to_per_s: rate, for_ms: fc.integer({ min: 1, max: 8_000 }) });
const stages = fc.array(stage, { minLength: 1, maxLength: 4 });
const open = fc.record({
  kind: fc.constant('open' as const),
  stages,
  arrivals: fc.constantFrom('even' as const, 'poisson' as const),
});
const closed = fc.record({
  kind: fc.constant('closed' as const),
  at_once: fc.integer({ min: 1, max: 40 }),
  for_ms: fc.integer({ min: 1, max: 1000 }),
});
const demand: fc.Arbitrary<Demand> = fc.oneof(open, closed);
const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

const planOf = (demand: Demand, seed: number, users: number, shard?: { index: number; of: number }) => ({
  seed,
  scenarios: [{ users } as ScenarioPlan],
  load: { demand, ...(shard && { shard }) },
});

test('users are due in ascending order, within the length of the load', () => {
  fc.assert(
    fc.property(demand, seed, (demand, seed) => {
      const due = [...dueTimes(demand, seed)];
      expect(due.every((ms, index) => ms >= (due[index - 1] ?? 0) && ms <= lengthOf(demand))).toBe(true);
    }),
  );
});

test('of even arrivals as many have come at any time as the rates until then bring, to less than one and a half', () => {
  fc.assert(
    fc.property(stages, fc.double({ min: 0, max: 1, noNaN: true }), (stages, share) => {
      const end_ms = share * lengthOf({ kind: 'open', stages, arrivals: 'even' });
      const due = [...dueTimes({ kind: 'open', stages, arrivals: 'even' }, 1)];
      expect(Math.abs(due.filter((ms) => ms < end_ms).length - integral(stages, end_ms))).toBeLessThan(1.5);
      expect(Math.abs(due.length - arrivalsIn(stages))).toBeLessThan(1.01);
    }),
  );
});

/** By small steps, so that it shares no formula with what it is held against. */
function integral(stages: readonly LoadStage[], end_ms: number): number {
  let sum = 0;
  let begun_ms = 0;
  for (const { from_per_s, to_per_s, for_ms } of stages) {
    const steps = 2_000;
    const reached_ms = Math.min(for_ms, Math.max(0, end_ms - begun_ms));
    for (let step = 0; step < steps; step += 1) {
      const at = ((step + 0.5) / steps) * (reached_ms / for_ms);
      sum += (from_per_s + (to_per_s - from_per_s) * at) * (reached_ms / 1000 / steps);
    }
    begun_ms += for_ms;
  }
  return sum;
}

test('a ramp from nothing and a stage of nothing bring nobody before there is a rate', () => {
  const stages = [
    { from_per_s: 0, to_per_s: 0, for_ms: 1000 },
    { from_per_s: 0, to_per_s: 20, for_ms: 1000 },
    { from_per_s: 0, to_per_s: 0, for_ms: 1000 },
    { from_per_s: 10, to_per_s: 10, for_ms: 500 },
  ];
  const due = [...dueTimes({ kind: 'open', stages, arrivals: 'even' }, 1)];
  expect(due).toHaveLength(15);
  expect(due[0]).toBe(1000);
  expect(due[1]).toBeCloseTo(1000 + Math.sqrt(0.1) * 1000, 1);
  expect(due.slice(10)).toEqual([3000, 3100, 3200, 3300, 3400]);
});

test('Poisson arrivals bring the rate in the mean, with the spread that they have to have', () => {
  const stages = [{ from_per_s: 0, to_per_s: 200, for_ms: 1000 }];
  const counts = Array.from({ length: 400 }, (_, seed) => [
    ...dueTimes({ kind: 'open', stages, arrivals: 'poisson' }, seed),
  ]).map(({ length }) => length);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
  // The mean of 400 draws from a Poisson distribution of mean 100 is within 2.5 in all but one of a million; these are no random draws, but fixed seeds.
  expect(Math.abs(mean - 100)).toBeLessThan(2.5);
  expect(variance / mean).toBeGreaterThan(0.7);
  expect(variance / mean).toBeLessThan(1.3);
});

test('the shards of a load are together the whole, however many there are', () => {
  fc.assert(
    fc.property(
      demand,
      seed,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 7 }),
      (demand, seed, users, of) => {
        const whole = [...loadVisits(planOf(demand, seed, users))];
        const shards = Array.from({ length: of }, (_, at) => [
          ...loadVisits(planOf(demand, seed, users, { index: at + 1, of })),
        ]);
        expect(shards.flat().sort(byPlace)).toEqual([...whole].sort(byPlace));
        for (const shard of shards) {
          expect(shard.every(({ after_ms }, index) => after_ms >= (shard[index - 1]?.after_ms ?? 0))).toBe(true);
        }
      },
    ),
  );
});

test('every visit has a name of its own, in a closed load also those that follow', () => {
  fc.assert(
    fc.property(
      demand,
      seed,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 4 }),
      (demand, seed, users, rounds) => {
        const plan = planOf(demand, seed, users);
        const visits: LoadVisit[] = [];
        for (const first of loadVisits(plan)) {
          let visit = first;
          visits.push(visit);
          for (let round = 0; round < rounds && demand.kind === 'closed'; round += 1) {
            visit = nextVisit(plan, visit, round);
            visits.push(visit);
          }
        }
        expect(new Set(visits.map(({ index, device }) => `${index}/${device}`)).size).toBe(visits.length);
        expect(visits.every(({ index }) => index < users)).toBe(true);
      },
    ),
  );
});

const byPlace = (a: LoadVisit, b: LoadVisit): number => a.device - b.device || a.index - b.index;
