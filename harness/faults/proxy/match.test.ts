/** Whom a rule hits follows from the calls and their order, and from the seed: the same again gives the same again. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CallFacts, type CallMatch, openMatcher } from './match.ts';

const facts = (more: Partial<CallFacts> & { readonly user?: string } = {}): CallFacts => ({
  header: (name) => (name === 'authorization' ? more.user : undefined),
  isCard: false,
  ...more,
});
const hits = (match: CallMatch, calls: readonly CallFacts[]): number[] => {
  const matches = openMatcher(match);
  return calls.flatMap((call, index) => (matches(call) ? [index] : []));
};

test('headers, operation and task must all be as wanted, and cards are no calls', () => {
  const calls = [
    facts({ user: 'ann', operation: 'GetTask', task: 'x', isCard: true }),
    facts({ user: 'ann', operation: 'GetTask', task: 'x' }),
    facts({ user: 'ben', operation: 'GetTask', task: 'y' }),
    facts({ user: 'ann', operation: 'CancelTask', task: 'x' }),
    facts({ user: 'ann' }),
  ];
  expect(hits({}, calls)).toEqual([1, 2, 3, 4]);
  expect(hits({ headers: { Authorization: 'ann' } }, calls)).toEqual([1, 3, 4]);
  expect(hits({ headers: { Authorization: 'ann' }, operation: 'GetTask' }, calls)).toEqual([1]);
  expect(hits({ task: 1 }, calls)).toEqual([1, 3]);
  expect(hits({ task: 2 }, calls)).toEqual([2]);
  expect(hits({ task: 3 }, calls)).toEqual([]);
});

test('nth counts the calls that match, and no others', () => {
  const calls = ['GetTask', 'SendMessage', 'GetTask', 'GetTask'].map((operation) => facts({ operation }));
  expect(hits({ operation: 'GetTask', nth: 2 }, calls)).toEqual([2]);
  expect(hits({ nth: 4 }, calls)).toEqual([3]);
});

test('a draw depends on the count of matching calls alone, whatever comes between', () => {
  const noise = facts({ operation: 'GetTask' });
  const call = facts({ operation: 'SendMessage' });
  const draws = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      draws,
      fc.array(fc.nat(3), { maxLength: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (drawn, gaps, probability) => {
        const match: CallMatch = { operation: 'SendMessage', probability, draw: (count) => drawn[count - 1] ?? 1 };
        const calls = drawn.flatMap((_, index) => [...Array.from({ length: gaps[index] ?? 0 }, () => noise), call]);
        const sends = calls.flatMap((each, index) => (each === call ? [index] : []));
        expect(hits(match, calls)).toEqual(sends.filter((_, index) => (drawn[index] ?? 1) < probability));
      },
    ),
  );
});
