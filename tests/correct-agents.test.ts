/** Who tests against correct agents and finds something has a bug in the tester: no check accuses any of them, on all that there is. */
import { expect, test } from 'vitest';
import { listed } from '../fixtures/table.ts';
import { mutationRows } from './mutation-table.ts';

/** More with `npm run suite -- --seeds 20`. */
const SEEDS = { mutants: [], correct: [1] };

const correct = listed.filter(({ caughtBy }) => caughtBy === undefined);

test.each(correct.map((fixture) => [fixture.name, fixture] as const))(
  'nobody accuses %s',
  async (_, fixture) => {
    const [row] = await mutationRows([fixture], SEEDS);
    expect(row?.violated).toEqual(new Map());
    expect(row?.runs).toBe(1);
  },
  600_000,
);
