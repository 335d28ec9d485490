/** Only a message that was sent away comes back, and only before its time is it early: nobody else is to be counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countReturns } from './returns.ts';

test('a message is early when it comes again before the time that it was told last', () => {
  let now_ms = 0;
  const returns = countReturns(() => now_ms);
  expect(returns.turnAway('a', 1_000)).toEqual({ messages: 1, early: 0 });
  now_ms = 900;
  expect(returns.turnAway('b', 1_000)).toEqual({ messages: 2, early: 0 });
  expect(returns.turnAway('a', 500)).toEqual({ messages: 2, early: 1 });
  now_ms = 1_400;
  expect(returns.turnAway('a', 500)).toEqual({ messages: 2, early: 1 });
});

test('whoever comes once, or in his time, is never early', () => {
  const visits = fc.array(fc.record({ message: fc.constantFrom('a', 'b', 'c'), after_ms: fc.nat(2_000) }));
  fc.assert(
    fc.property(visits, fc.integer({ min: 1, max: 1_000 }), (all, for_ms) => {
      let now_ms = 0;
      const returns = countReturns(() => now_ms);
      const due_ms = new Map<string, number>();
      for (const { message, after_ms } of all) {
        now_ms = Math.max(now_ms + after_ms, due_ms.get(message) ?? 0);
        expect(returns.turnAway(message, for_ms).early).toBe(0);
        due_ms.set(message, now_ms + for_ms);
      }
    }),
  );
});
