/** A check that has forgotten most of what it saw finds less, and accuses nobody of what it forgot. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { writtenHistories } from '../../../fixtures/histories/read-history.ts';
import { checks } from '../table.ts';
import { judgeWith } from '../testing/judge-with.ts';
import type * as Remembering from './latest.ts';

const memory = vi.hoisted(() => ({ remembered_min: 1 }));

vi.mock('./latest.ts', async (original) => {
  const real = await original<typeof Remembering>();
  const startLatest: typeof real.startLatest = (_, onForgotten) => real.startLatest(memory.remembered_min, onForgotten);
  return { ...real, startLatest };
});

const { startLatest } = await vi.importActual<typeof Remembering>('./latest.ts');

test('the latest entries are remembered, and what was forgotten is counted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 50 }), { maxLength: 400, size: 'max' }),
      fc.integer({ min: 1, max: 30 }),
      (keys, remembered_min) => {
        const latest = startLatest<number>(remembered_min);
        for (const key of keys) if (latest.get(`${key}`) === undefined) latest.set(`${key}`, key);
        const recent = [...new Set(keys.toReversed())].slice(0, remembered_min);
        for (const key of recent) expect(latest.has(`${key}`)).toBe(true);
        expect([...latest.values()].length).toBeLessThanOrEqual(1.25 * remembered_min);
        if (latest.forgotten === 0) expect(keys.every((key) => latest.has(`${key}`))).toBe(true);
      },
    ),
  );
});

test.each([1, 2, 3])('a good history accuses nobody before checks that remember %i of everything', (remembered_min) => {
  memory.remembered_min = remembered_min;
  for (const { check, name, events } of writtenHistories().filter(({ isBad }) => !isBad)) {
    const accused = checks.flatMap((one) => judgeWith(one, events).findings);
    expect(accused, `${check}/${name}`).toEqual([]);
  }
});

test('such checks find some of what is bad, so the histories above were really judged', () => {
  memory.remembered_min = 2;
  const bad = writtenHistories().filter(({ isBad }) => isBad);
  const found = bad.filter(({ events }) => checks.some((one) => judgeWith(one, events).findings.length > 0));
  expect(found.length).toBeGreaterThan(bad.length / 2);
});
