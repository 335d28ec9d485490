/** What rises and what does not has to be told alike whatever a few outliers say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { medianOf, risingIn, slopeOf } from './slopes.ts';

const step = fc.integer({ min: -50, max: 50 });

test('the slope of a line is its own, also where one point in five is anywhere', () => {
  fc.assert(
    fc.property(
      step,
      step,
      fc.integer({ min: 10, max: 20 }),
      fc.nat(),
      fc.integer(),
      (rise, start, count, place, wild) => {
        const line = Array.from({ length: count }, (_, x) => [x, start + rise * x] as const);
        const wilds = new Set([place % count, (place + 3) % count]);
        const points = line.map(([x, y]) => [x, wilds.has(x) ? wild : y] as const);
        expect(slopeOf(points)).toBeCloseTo(rise, 6);
      },
    ),
  );
});

test('what only rises is 1, what only falls is -1, and what is turned round is the opposite', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 20 }), (values) => {
      const sorted = values.toSorted((a, b) => a - b);
      expect([risingIn(sorted), risingIn(sorted.toReversed())]).toEqual([1, -1]);
      expect(risingIn(values) + risingIn(values.toReversed())).toBeCloseTo(0, 9);
    }),
  );
});

test('nothing, and a single value, neither rise nor fall', () => {
  expect([slopeOf([]), slopeOf([[1, 2]]), risingIn([]), risingIn([5]), medianOf([])]).toEqual([0, 0, 0, 0, undefined]);
});
