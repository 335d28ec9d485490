/** Every mutant is caught by the check that is meant for it, every time; correct agents are accused by none. */
import { expect, test } from 'vitest';
import { mutationRows, renderTable } from './mutation-table.ts';

/** More with `npm run mutants -- --seeds 20`. */
const SEEDS = { mutants: [1], correct: [1] };

test('the mutation table is what it was, and each mutant is caught with every seed', async () => {
  const rows = await mutationRows(SEEDS);
  const accused = rows.filter(({ meant, violated }) => meant === '(none)' && violated.size > 0);
  const missed = rows.filter(({ meant, runs, violated }) => meant !== '(none)' && violated.get(meant) !== runs);
  expect({ accused, missed }).toEqual({ accused: [], missed: [] });
  await expect(renderTable(rows)).toMatchFileSnapshot('goldens/mutation-table.golden.txt');
}, 1_800_000);
