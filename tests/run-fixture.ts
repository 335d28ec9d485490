/** One run of a fixture that is to end by itself, whatever its verdict is: for the tables of fixtures and what they show. */
import type { ScenarioVerdict } from '../harness/model/record.ts';
import type { Bench } from './muster.ts';

/** Nothing where no scenario that was asked for is for this agent. */
export async function runFixture(
  bench: Bench,
  fixture: string,
  seed: number,
  more: readonly string[],
): Promise<readonly ScenarioVerdict[]> {
  const asked = ['run', ...more, '--fixture', fixture, '--seed', String(seed), '--out', 'run'];
  const { code, stderr } = await bench.muster(...asked);
  if (code === 4 && stderr.includes('has none of the words')) return [];
  if (code === null || code > 2)
    throw new Error(`Failed to run ${fixture} with seed ${seed}: exit code ${code}. ${stderr}`);
  return bench.record('run').scenarios;
}
