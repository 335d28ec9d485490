import { expect, test } from 'vitest';
import type { IsolationRecord } from '../../harness/model/record.ts';
import { isolated } from '../samples/isolated.ts';
import { passing } from '../samples/passing.ts';
import { expectGolden } from '../testing/golden.ts';
import { html, toText } from './escape.ts';
import { isolation } from './isolation.ts';

const chapter = (records: readonly IsolationRecord[] | undefined): string =>
  toText(html`${isolation({ ...isolated, ...(records && { isolation: records }) })}`);

test('the chapter of isolation strategies is as it was', () => {
  expectGolden(`${chapter(undefined).replaceAll('><', '>\n<')}\n`, 'isolated.isolation.golden.html');
});

test('bars are as long as what they stand for, and what was not measured has none', () => {
  const page = chapter(undefined);
  const bars = [...page.matchAll(/width="([\d.]+)" height="14" class="bar fail"/g)].map(([, width]) => Number(width));
  const [conflicts, hashed = 0, router = 0] = bars;
  expect(bars).toHaveLength(3);
  expect(conflicts).toBeGreaterThan(0);
  expect(hashed / router).toBeCloseTo(50 / 86, 1);
});

test('a strategy that could not be had is told with its reason, and in neither picture nor table', () => {
  const page = chapter(undefined);
  expect(page).toContain('namespace: namespaces cannot be made here');
  expect(page).not.toContain('<b>namespace</b>');
  expect(chapter((isolated.isolation ?? []).filter(({ asked }) => asked === 0))).not.toContain('<svg');
});

test('a run that compares nothing has no such chapter', () => {
  expect(isolation(passing)).toBeNull();
});
