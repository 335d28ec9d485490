/**
 * The tester is tested: every mutant is run on the scenario that provokes it, every correct agent on all of them, with as
 * many seeds as asked for. `npm run mutants -- --seeds 20` prints the table; tests/mutants.test.ts keeps that of the mutants as a golden.
 */
import { fileURLToPath } from 'node:url';
import { listed } from '../fixtures/table.ts';
import { checks } from '../harness/checks/table.ts';
import type { Fixture } from '../harness/model/live.ts';
import { openBench, PATIENT } from './muster.ts';
import { runFixture } from './run-fixture.ts';

/** Other tests are at work on the machine, and whether muster is late is not what is tested. */
const LAG = 'harness_lag_ms_max: 20000, harness_wait_percent_max: 100';
/** A mutant that hangs is waited for no longer than it takes to tell it; correct agents get the policy that users get. */
const IMPATIENT = `export default { policy: { answer_ms_max: 3000, cancel_ms_max: 2000, settle_ms_max: 2000, ${LAG} } };`;

const OF_HARNESS: ReadonlySet<string> = new Set(
  checks.filter(({ judges }) => judges === 'harness').map(({ name }) => name),
);

export interface Row {
  readonly fixture: string;
  readonly scenario: string;
  readonly meant: string;
  readonly runs: number;
  /** By check: in how many of the runs it was violated. */
  readonly violated: ReadonlyMap<string, number>;
  /** Why runs were inconclusive: a mistake that was missed may never have had its chance. */
  readonly reasons: readonly string[];
}

/** Correct agents are run on everything, which takes long; so how many seeds they get is said apart. */
export interface Seeds {
  readonly mutants: readonly number[];
  readonly correct: readonly number[];
}

/** One after the other: many a mistake is a race, which a busy machine keeps from happening, and other test files are at work beside. */
export async function mutationRows(
  fixtures: readonly Fixture[],
  seeds: Seeds,
  tell: (line: string) => void = () => {},
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const fixture of fixtures) rows.push(await rowOf(fixture, seeds, tell));
  return rows;
}

async function rowOf(fixture: Fixture, { mutants, correct }: Seeds, tell: (line: string) => void): Promise<Row> {
  const { name, caughtBy, provokedBy, triedOn } = fixture;
  const seeds = caughtBy === undefined ? correct : mutants;
  const violated = new Map<string, number>();
  const reasons: string[] = [];
  for (const seed of seeds) {
    const seen = await seenIn(fixture, seed);
    for (const check of seen.violated) violated.set(check, (violated.get(check) ?? 0) + 1);
    reasons.push(...seen.reasons);
  }
  const counts = [...violated].map(([check, count]) => `${check} ${count} of ${seeds.length}`);
  tell(`${name}: ${counts.join(', ') || 'nothing'}`);
  return {
    fixture: name,
    scenario: provokedBy ?? triedOn ?? '(all)',
    meant: caughtBy ?? '(none)',
    runs: seeds.length,
    violated,
    reasons,
  };
}

/** Without counts: the same whatever the seeds, as long as each mutant is caught every time. */
export function renderTable(rows: readonly Row[]): string {
  const order = checks.map(({ name }) => name);
  const lines = rows.map(({ fixture, scenario, meant, violated }) => [
    fixture,
    scenario,
    meant,
    [...violated.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(', ') || '(none)',
  ]);
  const header = ['fixture', 'provoked by', 'meant for', 'violated'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  return [header, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
    .concat('\n');
}

interface Seen {
  readonly violated: ReadonlySet<string>;
  readonly reasons: readonly string[];
}

async function seenIn({ name: fixture, caughtBy, provokedBy, triedOn }: Fixture, seed: number): Promise<Seen> {
  // Whoever keeps muster itself from being on time gets neither.
  const patience = caughtBy === undefined ? PATIENT : IMPATIENT;
  using bench = openBench({ config: caughtBy === 'harness-valid' ? null : patience });
  const named = provokedBy ?? triedOn;
  const scenarios = await runFixture(bench, fixture, seed, named === undefined ? [] : [named]);
  const left = bench.left();
  if (left.length > 0)
    throw new Error(`Failed to clean up after ${fixture} with seed ${seed}: ${left.join('; ')} still run`);
  // A check of the harness accuses no agent: with other tests at work its run may well not be trusted.
  const counts = (name: string): boolean => caughtBy !== undefined || !OF_HARNESS.has(name);
  const violated = scenarios.flatMap((each) =>
    each.checks.filter(({ status, check }) => status === 'violated' && counts(check)).map(({ check }) => check),
  );
  return {
    violated: new Set(violated),
    reasons: scenarios.flatMap(({ applicable, reasons }) => (applicable ? reasons : [])),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = Number(process.argv[process.argv.indexOf('--seeds') + 1] ?? '3');
  const seeds = Array.from({ length: Number.isInteger(asked) && asked > 0 ? asked : 3 }, (_, index) => index + 1);
  const rows = await mutationRows(listed, { mutants: seeds, correct: seeds }, (line) => console.log(line));
  console.log(`\n${seeds.length} seeds\n${renderTable(rows)}`);
  const missed = rows.filter(({ meant, runs, violated }) =>
    meant === '(none)' ? violated.size > 0 : violated.get(meant) !== runs,
  );
  for (const { fixture } of missed) console.log(`WRONG: ${fixture}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}
