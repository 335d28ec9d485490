import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openTokenBucket } from './token-bucket.ts';

const rates = fc.double({ min: 0.1, max: 500, noNaN: true });

test('in no stretch of time are more let in than the rate allows, beside what had gathered', () => {
  fc.assert(
    fc.property(rates, fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 300 }), (rate_per_s, pauses_ms) => {
      const bucket = openTokenBucket(rate_per_s, 0);
      const taken: number[] = [];
      let now_ms = 0;
      for (const pause_ms of pauses_ms) {
        now_ms += pause_ms;
        if (bucket.take(now_ms) === 0) taken.push(now_ms);
      }
      for (const [first, from_ms] of taken.entries()) {
        for (const [last, to_ms] of taken.entries()) {
          if (last < first) continue;
          const allowed = Math.max(1, rate_per_s) + ((to_ms - from_ms) * rate_per_s) / 1000;
          expect(last - first + 1).toBeLessThanOrEqual(allowed + 1e-6);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('whoever waits as long as he was told is let in', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 600 }), (rate_per_s, before) => {
      const bucket = openTokenBucket(rate_per_s, 0);
      for (let tried = 0; tried < before; tried += 1) bucket.take(0);
      const wait_ms = bucket.take(0);
      expect(wait_ms === 0 ? 0 : bucket.take(wait_ms)).toBe(0);
    }),
  );
});

test('a clock that goes back lets nobody in', () => {
  const bucket = openTokenBucket(1, 1_000);
  expect(bucket.take(1_000)).toBe(0);
  expect(bucket.take(0)).toBeGreaterThan(0);
  expect(bucket.take(1_500)).toBe(500);
});
