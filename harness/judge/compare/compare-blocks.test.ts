/** The same agent twice is the same; one that is slower is found: a thousand times each, on machines that are never quiet. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Judgement } from '../../model/comparison.ts';
import { interleave } from '../../plan/interleave.ts';
import { type BlockPair, compareBlocks, comparePasses, isSettled } from './compare-blocks.ts';
import { COMPARISON_POLICY, holm, judgeAll } from './judge-metrics.ts';
import { COMPARED } from './parts.ts';
import { signedRank } from './signed-rank.ts';
import { NOISE, type Noise, startMachine } from './testing.ts';

const PAIRS = 12;

/** As `muster load --against` does it. */
function against(seed: number, slower: number, noise: Noise = NOISE): Judgement {
  const machine = startMachine(seed, noise);
  const pass = (number: number): readonly BlockPair[] => {
    const parts = interleave(PAIRS, seed, number).map(({ pair, side }) => ({
      pair,
      side,
      part: machine.next(side === 'a' ? 1 : slower),
    }));
    const of = (pair: number, side: string) => parts.find((one) => one.pair === pair && one.side === side)?.part;
    return Array.from({ length: PAIRS }, (_, pair) => pair).flatMap((pair) => {
      const [a, b] = [of(pair, 'a'), of(pair, 'b')];
      return a === undefined || b === undefined ? [] : [{ a, b }];
    });
  };
  const first = pass(1);
  const seen = compareBlocks(first, COMPARISON_POLICY);
  return judgeAll(isSettled(seen) ? seen : comparePasses(first, pass(2), COMPARISON_POLICY), COMPARED);
}

function count(times: number, slower: number, noise?: Noise): Readonly<Partial<Record<Judgement, number>>> {
  const counts: Partial<Record<Judgement, number>> = {};
  for (let seed = 0; seed < times; seed += 1) {
    const judgement = against(seed, slower, noise);
    counts[judgement] = (counts[judgement] ?? 0) + 1;
  }
  return counts;
}

test('A against A is the same 950 times of 1,000 at least, and never better or worse ten times', () => {
  const { same = 0, better = 0, worse = 0 } = count(1_000, 1);
  expect(same).toBeGreaterThanOrEqual(950);
  expect(better + worse).toBeLessThan(10);
});

test('an agent that is slower by a fifth is found, and one that is faster by a fifth', () => {
  expect(count(100, 1.2).worse ?? 0).toBeGreaterThanOrEqual(95);
  expect(count(100, 1 / 1.2).better ?? 0).toBeGreaterThanOrEqual(95);
});

test('where it is too noisy to see anything it says so, and accuses nobody', () => {
  const {
    'cannot tell': unknown = 0,
    same = 0,
    better = 0,
    worse = 0,
  } = count(200, 1, { ...NOISE, drift: 1.2, requests: 20 });
  expect(better + worse).toBeLessThanOrEqual(10);
  expect(unknown + same).toBeGreaterThanOrEqual(190);
  expect(unknown).toBeGreaterThan(100);
});

test('a difference that is certain and that nobody would feel is none', () => {
  const { same = 0, worse = 0 } = count(100, 1.02, { ...NOISE, drift: 0.01, scatter: 0.05, errors: 0, hiccups: 0 });
  expect([same, worse]).toEqual([100, 0]);
});

test('too few pairs, or too few samples in them, say nothing', () => {
  const machine = startMachine(1, { ...NOISE, requests: 10 });
  const pairs = Array.from({ length: 12 }, () => ({ a: machine.next(1), b: machine.next(3) }));
  const p95 = compareBlocks(pairs, COMPARISON_POLICY).find(({ metric }) => metric === 'p95_ms');
  expect(p95).toMatchObject({ judgement: 'cannot tell', parts: 0 });
  expect(p95?.why).toContain('0 of 12 pairs of blocks have samples enough, and 6 are needed');
});

test('signed ranks are those of the tables, and turn with their differences', () => {
  // Hollander, Wolfe, Chicken, example 3.1: nine patients, T+ = 5 where differences are Y - X.
  const patients = [-0.952, 0.147, -1.022, -0.43, -0.62, -0.59, -0.49, 0.08, -0.01];
  expect(signedRank(patients).p).toBeCloseTo(0.0391, 4);
  expect(signedRank(patients).effect).toBeCloseTo(-0.46, 3);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 25 }), (differences) => {
      const [one, other] = [signedRank(differences), signedRank(differences.map((difference) => -difference))];
      expect(other.p).toBeCloseTo(one.p, 10);
      expect([other.effect + 0, other.low + 0, other.high + 0]).toEqual([0 - one.effect, 0 - one.high, 0 - one.low]);
      expect(one.low <= one.effect && one.effect <= one.high).toBe(true);
    }),
  );
});

test('Holm: the smallest counts as often as there are, and the order stays', () => {
  expect(holm([0.01, 0.04, null, 0.03])).toEqual([0.03, 0.06, null, 0.06]);
  expect(holm([])).toEqual([]);
});
