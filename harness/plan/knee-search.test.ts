/** The search finds the step of an agent that has one, ends with any agent, and needs few tries; all of it without an agent. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KneeQuestion, type KneeTry, kneeOf, nextRate, ratesOf, type TryOutcome } from './knee-search.ts';

const question: fc.Arbitrary<KneeQuestion> = fc.record({
  from_per_s: fc.integer({ min: 1, max: 50 }),
  to_per_s: fc.integer({ min: 51, max: 5_000 }),
  within_percent: fc.integer({ min: 1, max: 25 }),
  tries: fc.integer({ min: 1, max: 5 }),
});

/** Carries the search out against an agent; throws where it does not end. */
function search(asked: KneeQuestion, agent: (rate_per_s: number, number: number) => TryOutcome): readonly KneeTry[] {
  const tried: KneeTry[] = [];
  const tries_max = ratesOf(asked).length * asked.tries;
  for (let rate = nextRate(asked, tried); rate !== undefined; rate = nextRate(asked, tried)) {
    tried.push({ rate_per_s: rate, outcome: agent(rate, tried.length) });
    if (tried.length > tries_max) throw new Error('The search does not end');
  }
  return tried;
}

test('rates begin and end where they were asked to, ascend, and are no farther apart than was asked', () => {
  fc.assert(
    fc.property(question, (asked) => {
      const rates = ratesOf(asked);
      expect([rates[0], rates.at(-1)]).toEqual([asked.from_per_s, asked.to_per_s]);
      for (const [index, rate] of rates.entries()) {
        const next = rates[index + 1];
        if (next === undefined) continue;
        const unit = rate >= 10 ? 1 : 0.1;
        expect(next).toBeGreaterThan(rate);
        expect(next - rate).toBeLessThanOrEqual(Math.max(unit, (rate * asked.within_percent) / 100) + 1e-9);
      }
    }),
  );
});

test('the knee of an agent with a step is the highest rate below it, told with as many tries as were asked for', () => {
  fc.assert(
    fc.property(question, fc.double({ min: 0.5, max: 6_000, noNaN: true }), (asked, step) => {
      const tried = search(asked, (rate) => (rate <= step ? 'kept' : 'missed'));
      const rates = ratesOf(asked);
      const highest = rates.findLast((rate) => rate <= step);
      const next = rates.find((rate) => rate > step);
      expect(kneeOf(asked, tried)).toEqual({
        highest: highest === undefined ? null : { rate_per_s: highest, kept: asked.tries, tries: asked.tries },
        next: next === undefined ? null : { rate_per_s: next, kept: 0, tries: asked.tries },
        limit: next === undefined ? 'none' : 'gates',
        complete: true,
      });
      expect(tried.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(rates.length)) + 4 + 2 * asked.tries);
    }),
  );
});

test('an agent that keeps its gates by chance gets an answer too, and both sides of it have their majority', () => {
  fc.assert(
    fc.property(
      question,
      fc.array(fc.constantFrom<TryOutcome>('kept', 'missed', 'unknown'), { minLength: 1 }),
      (asked, luck) => {
        const tried = search(asked, (_, number) => luck[number % luck.length] ?? 'missed');
        const { highest, next, complete } = kneeOf(asked, tried);
        expect(complete).toBe(true);
        if (highest !== null) expect(highest.kept * 2).toBeGreaterThan(highest.tries);
        if (next !== null) expect(next.kept * 2).toBeLessThanOrEqual(next.tries);
        for (const each of [highest, next]) if (each !== null) expect(each.tries).toBe(asked.tries);
      },
    ),
  );
});

test('the same results give the same search', () => {
  fc.assert(
    fc.property(question, fc.integer({ min: 1, max: 5_000 }), (asked, step) => {
      const agent = (rate: number): TryOutcome => (rate <= step ? 'kept' : 'missed');
      expect(search(asked, agent)).toEqual(search(asked, agent));
    }),
  );
});

test('where muster itself is the limit, that is what is told', () => {
  const asked = { from_per_s: 10, to_per_s: 100, within_percent: 10, tries: 2 };
  const tried = search(asked, (rate) => (rate <= 40 ? 'kept' : 'unknown'));
  expect(kneeOf(asked, tried)).toMatchObject({
    highest: { rate_per_s: 39 },
    next: { rate_per_s: 42 },
    limit: 'unknown',
  });
});

test('a search that was cut short tells what it knows', () => {
  const asked = { from_per_s: 10, to_per_s: 100, within_percent: 10, tries: 2 };
  const tried = search(asked, (rate) => (rate <= 40 ? 'kept' : 'missed')).slice(0, 4);
  expect(kneeOf(asked, tried)).toMatchObject({ highest: { rate_per_s: 28, kept: 1 }, complete: false });
  expect(kneeOf(asked, [])).toEqual({ highest: null, next: null, limit: 'none', complete: false });
});
