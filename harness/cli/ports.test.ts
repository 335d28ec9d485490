/** The table of `muster ports`: short, however wide the range and however scattered its blocks. */
import { expect, test } from 'vitest';
import { DEFAULT_PORTS } from '../plan/defaults.ts';
import type { BlockState, Holder, SurveyedBlock } from '../ports/survey.ts';
import { toTable } from './ports.ts';

const plan = { ...DEFAULT_PORTS, first: 6000, last: 9999, exclude: [] };

const block = (index: number, state: BlockState, holders: readonly Holder[] = []): SurveyedBlock => {
  const first = plan.first + index * plan.spacing;
  return { first, last: first + plan.block - 1, state, holders, spent: [] };
};

const run: Holder = { alive: true, pid: 4711, since: '2026-11-21T14:02:11.123Z', run: 'nightly' };

test('blocks that follow one another are one stretch, and each owner has one line', () => {
  const blocks = [
    ...Array.from({ length: 3 }, (_, index) => block(index, 'held', [run])),
    block(3, 'abandoned', [{ ...run, alive: false, pid: 12 }]),
    { ...block(4, 'spent'), spent: [{ port: 6041, by: 'pid 9 (nginx)' }, { port: 6044 }] },
    ...Array.from({ length: 395 }, (_, index) => block(index + 5, 'free')),
  ];
  expect(toTable(plan, { blocks, elsewhere: [{ port: 5432, holder: { alive: true } }] })).toBe(
    [
      '6000-9999: 400 blocks of 5, one every 10 ports: 3 held, 1 abandoned, 1 spent, 395 free',
      '',
      '  held         3  6000-6024  by process 4711 since 2026-11-21 14:02:11 UTC for nightly',
      '  abandoned    1  6030-6034  by process 12 since 2026-11-21 14:02:11 UTC for nightly, which is dead; the next lease takes them over',
      '  spent        1  6040-6044  6041 by pid 9 (nginx); 6044 by a program that muster cannot look into',
      '  free       395  6050-9994',
      '  elsewhere    1  5432       by a lock that cannot be read; in no block of this range',
      '',
    ].join('\n'),
  );
});

test('every other block of four hundred takes one line too', () => {
  const blocks = Array.from({ length: 400 }, (_, index) => block(index, index % 2 === 0 ? 'free' : 'held', [run]));
  const table = toTable(plan, { blocks, elsewhere: [] });
  expect(table.split('\n')).toHaveLength(5);
  expect(table).toContain('6010-6014, 6030-6034, 6050-6054, 6070-6074 and 196 more');
});

test('where the operating system gives the ports there may be nothing to tell', () => {
  expect(toTable({ ...plan, from: 'os' }, { blocks: [], elsewhere: [] })).toBe('No port is locked.\n');
});
