import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Only, OnlyScript } from '../model/plan.ts';
import { type ShrinkOptions, shrink, type TryResult } from './shrink.ts';
import type { Suspects } from './suspects.ts';

const STEPS = [0, 1, 2, 3, 4];
const FAULTS = 4;

const crowd = (users: number, devices: number): readonly OnlyScript[] =>
  Array.from({ length: users * devices }, (_, place) => ({
    user: `u${Math.floor(place / devices) + 1}`,
    device: place % devices,
    steps: STEPS,
  }));

/** What a plan comes to: every op that is asked, and every fault. */
function partsOf(whole: readonly OnlyScript[], { scripts = whole, faults }: Only): ReadonlySet<string> {
  const ops = scripts.flatMap(({ user, device, steps = STEPS }) => steps.map((step) => `${user}.${device}:${step}`));
  const places = faults ?? Array.from({ length: FAULTS }, (_, place) => place);
  return new Set([...ops, ...places.map((place) => `fault ${place}`)]);
}

/** An agent that fails when all of `needed` meets. */
async function shrinkFor(
  needed: readonly string[],
  suspects: Suspects,
  options: Partial<Pick<ShrinkOptions, 'isOver'>> & { readonly luck?: () => boolean } = {},
) {
  const { luck = () => true, ...rest } = options;
  const result = await shrink({
    start: { ...suspects, faults: FAULTS, is_at_once: false },
    tryPlan: async (only, times): Promise<TryResult> => {
      const parts = partsOf(suspects.whole, only);
      for (let tries = 1; tries <= times; tries += 1) {
        const failed = needed.every((part) => parts.has(part)) && luck();
        if (failed) return { answer: { failed, asked: only.scripts ?? suspects.whole }, tries };
      }
      return { answer: { failed: false }, tries: times };
    },
    isOver: () => false,
    onTried: () => {},
    ...rest,
  });
  return { ...result, parts: [...partsOf(suspects.whole, result.smallest[0] ?? {})].sort() };
}

test('a plan of many users, devices, ops and faults comes down to exactly what is needed', async () => {
  const anyOp = fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.nat({ max: 1 }), fc.constantFrom(...STEPS))
    .map(([user, device, step]) => `u${user}.${device}:${step}`);
  const anyFault = fc.nat({ max: FAULTS - 1 }).map((place) => `fault ${place}`);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyOp, { minLength: 1, maxLength: 4 }),
      fc.uniqueArray(anyFault, { maxLength: 2 }),
      async (ops, faults) => {
        const needed = [...ops, ...faults];
        const { parts, finished } = await shrinkFor(needed, { whole: crowd(20, 2), named: [], rest_ms: 0 });
        expect(parts).toEqual(needed.sort());
        expect(finished).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('when the finding names what is needed, two hundred users take a few tries', async () => {
  const named = [
    { user: 'u17', device: 0, steps: [0] },
    { user: 'u137', device: 0, steps: [0, 2] },
  ];
  const { parts, tries } = await shrinkFor(['u17.0:0', 'u137.0:2'], { whole: crowd(200, 1), named, rest_ms: 0 });
  expect(parts).toEqual(['u137.0:2', 'u17.0:0']);
  expect(tries).toBeLessThan(30);
});

test('when it names the wrong ones, they are looked for among all', async () => {
  const named = [{ user: 'u1', device: 0, steps: [0] }];
  const { parts } = await shrinkFor(['u17.0:0', 'u137.0:2'], { whole: crowd(200, 1), named, rest_ms: 0 });
  expect(parts).toEqual(['u137.0:2', 'u17.0:0']);
});

test('one that comes back every third time is tried often enough to be believed', async () => {
  let tries = 0;
  const luck = (): boolean => {
    tries += 1;
    return tries % 3 === 0;
  };
  const { parts } = await shrinkFor(['u7.0:0', 'u9.0:2'], { whole: crowd(12, 1), named: [], rest_ms: 0 }, { luck });
  expect(parts).toEqual(['u7.0:0', 'u9.0:2']);
});

test('the agent is left as much time as it needs', async () => {
  const whole = crowd(8, 1);
  const result = await shrink({
    start: { whole, named: [{ user: 'u3', device: 0, steps: [0] }], rest_ms: 1_000, faults: 0, is_at_once: true },
    tryPlan: async ({ scripts = whole, rest_ms = 0 }) => {
      const failed = rest_ms >= 150 && scripts.some(({ user }) => user === 'u3');
      return { answer: failed ? { failed, asked: scripts } : { failed }, tries: 1 };
    },
    isOver: () => false,
    onTried: () => {},
  });
  expect(result.smallest[0]).toEqual({ scripts: [{ user: 'u3', device: 0, steps: [0] }], rest_ms: 500 });
});

test('what was reached when the time is over is kept', async () => {
  let asked = 0;
  const isOver = (): boolean => {
    asked += 1;
    return asked > 12;
  };
  const { smallest, finished } = await shrinkFor(
    ['u7.0:0', 'u9.0:2'],
    { whole: crowd(64, 1), named: [], rest_ms: 0 },
    { isOver },
  );
  expect(finished).toBe(false);
  expect(smallest[0]?.scripts?.length).toBeLessThan(64);
  expect(partsOf(crowd(64, 1), smallest[0] ?? {})).toContain('u9.0:2');
});

test('one that never comes back from anything smaller leaves the whole plan', async () => {
  const whole = crowd(3, 1);
  const needed = [...partsOf(whole, {})];
  const { smallest, finished } = await shrinkFor(needed, { whole, named: [], rest_ms: 0 });
  // Arriving at once is no less than the whole.
  expect(smallest.map(({ scripts }) => scripts?.length ?? 3)).toEqual(smallest.map(() => 3));
  expect(finished).toBe(true);
});
