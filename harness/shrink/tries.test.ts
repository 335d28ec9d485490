import fc from 'fast-check';
import { expect, test } from 'vitest';
import { triesNeeded } from './tries.ts';

test('what fails as often as was measured is missed in fewer than five of a hundred', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat({ max: 40 }), (seen, missed) => {
      const needed = triesNeeded({ seen, tries: seen + missed });
      const rate = (seen + 1) / (seen + missed + 2);
      // Twenty tries are the most that anybody waits for.
      if (needed < 20) expect((1 - rate) ** needed).toBeLessThanOrEqual(0.05);
    }),
  );
});

test('the rarer it is the more tries it takes, and one success is not taken for certainty', () => {
  expect(triesNeeded({ seen: 40, tries: 40 })).toBe(1);
  expect(triesNeeded({ seen: 1, tries: 1 })).toBe(3);
  expect(triesNeeded({ seen: 1, tries: 4 })).toBe(8);
  expect(triesNeeded({ seen: 1, tries: 100 })).toBe(20);
});
