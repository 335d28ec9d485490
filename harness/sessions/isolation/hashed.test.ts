import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockOf } from './hashed.ts';

test('a user always gets the same block, and it is one of those that there are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 1_000 }), (user, blocks) => {
      const block = blockOf(user, blocks);
      expect(block).toBe(blockOf(user, blocks));
      expect(Number.isInteger(block) && block >= 0 && block < blocks).toBe(true);
    }),
  );
});

test('users are spread: no block has a multiple of its share', () => {
  const counts = new Map<number, number>();
  for (let user = 0; user < 4_000; user += 1) {
    const block = blockOf(`user-${user}`, 40);
    counts.set(block, (counts.get(block) ?? 0) + 1);
  }
  expect(counts.size).toBe(40);
  expect(Math.max(...counts.values())).toBeLessThan(200);
});
