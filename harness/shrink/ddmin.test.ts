import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ddmin } from './ddmin.ts';

/** Drives it with an answer that never changes. */
function minimize(items: readonly number[], fails: (items: readonly number[]) => boolean) {
  const reduction = ddmin(items);
  let tries = 0;
  let next = reduction.next();
  while (!next.done) {
    tries += 1;
    next = reduction.next(fails(next.value));
  }
  return { left: next.value, tries };
}

const anySize = fc.integer({ min: 1, max: 60 });

test('of items that are all needed together, exactly those are left', () => {
  fc.assert(
    fc.property(anySize, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (size, drawn) => {
      const items = Array.from({ length: size }, (_, item) => item);
      const needed = [...new Set(drawn.map((item) => item % size))].sort((a, b) => a - b);
      expect(minimize(items, (some) => needed.every((item) => some.includes(item))).left).toEqual(needed);
    }),
  );
});

test('whatever fails, without any one of what is left it does not, and the tries are bounded', () => {
  fc.assert(
    fc.property(anySize, fc.func(fc.integer({ min: 0, max: 3 })), (size, moody) => {
      const items = Array.from({ length: size }, (_, item) => item);
      // Fails for whatever it likes, as long as it is the same each time.
      const fails = (some: readonly number[]): boolean => some.length === size || moody(some) === 0;
      const { left, tries } = minimize(items, fails);
      expect(fails(left)).toBe(true);
      const smaller = left.length > 1 ? left.map((item) => left.filter((other) => other !== item)) : [];
      expect(smaller.filter(fails)).toEqual([]);
      expect(tries).toBeLessThanOrEqual(size ** 2 + 3 * size);
    }),
  );
});

test('one of two hundred is found in a few tries', () => {
  const items = Array.from({ length: 200 }, (_, item) => item);
  const { left, tries } = minimize(items, (some) => some.includes(137));
  expect(left).toEqual([137]);
  expect(tries).toBeLessThanOrEqual(16);
});
