/** Every mutant is caught by the check that is meant for it, every time. */
import { expect, test } from 'vitest';
import { listed } from '../fixtures/table.ts';
import { mutationRows, renderTable } from './mutation-table.ts';

/** More with `npm run mutants -- --seeds 20`. */
const SEEDS = { mutants: [1], correct: [] };

test('the mutation table is what it was, and each mutant is caught with every seed', async () => {
  const mutants = listed.filter(({ caughtBy }) => caughtBy !== undefined);
  const rows = await mutationRows(mutants, SEEDS);
  const missed = rows.filter(({ meant, runs, violated }) => violated.get(meant) !== runs);
  expect(missed).toEqual([]);
  await expect(renderTable(rows)).toMatchFileSnapshot('goldens/mutation-table.golden.txt');
}, 1_800_000);
