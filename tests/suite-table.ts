/**
 * Every correct fixture on every scenario that it can be asked for, as one table: `npm run suite`. Words after it name scenarios or
 * families, as in `muster run`; `--fixtures pizza,travel` names the agents, `--seeds 20` how often, `--transport` over what.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listed } from '../fixtures/table.ts';
import type { ScenarioVerdict } from '../harness/model/record.ts';
import { openBench } from './muster.ts';
import { runFixture } from './run-fixture.ts';

type Word = ScenarioVerdict['verdict'];

const SIGNS: Readonly<Record<Word, string>> = { pass: '●', fail: '✗', inconclusive: '?', 'not-applicable': '–' };

/** By scenario and fixture: how often there was which verdict. */
export type Cells = ReadonlyMap<string, ReadonlyMap<string, readonly Word[]>>;

/** A row for each scenario. Where verdicts differ from seed to seed, each is told with its count. */
export function renderSuite(cells: Cells, columns: readonly string[]): string {
  const rows = [...cells].map(([scenario, byFixture]) => [
    scenario,
    ...columns.map((fixture) => cellOf(byFixture.get(fixture) ?? [])),
  ]);
  const widths = ['', ...columns].map((title, at) =>
    Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(['', ...columns]), ...rows.map(line)].join('\n');
}

function cellOf(verdicts: readonly Word[]): string {
  const counts = (Object.keys(SIGNS) as Word[]).map(
    (word) => [word, verdicts.filter((each) => each === word).length] as const,
  );
  const met = counts.filter(([, count]) => count > 0);
  if (met.length === 0) return '';
  return met.length === 1
    ? SIGNS[met[0]?.[0] ?? 'pass']
    : met.map(([word, count]) => `${count}${SIGNS[word]}`).join(' ');
}

interface Ran {
  readonly fixture: string;
  readonly seed: number;
  readonly scenarios: readonly ScenarioVerdict[];
}

async function run(fixture: string, seed: number, more: readonly string[]): Promise<Ran> {
  using bench = openBench({ config: null });
  return { fixture, seed, scenarios: await runFixture(bench, fixture, seed, more) };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1' },
      fixtures: { type: 'string' },
      transport: { type: 'string' },
      'at-once': { type: 'string', default: String(Math.max(1, Math.floor(availableParallelism() / 2))) },
    },
  });
  const correct = listed.filter(({ caughtBy }) => caughtBy === undefined).map(({ name }) => name);
  const asked = values.fixtures?.split(',') ?? correct;
  const more = [...positionals, ...(values.transport === undefined ? [] : ['--transport', values.transport])];
  const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);
  const waiting = seeds.flatMap((seed) => asked.map((fixture) => ({ fixture, seed }))).values();
  const cells = new Map<string, Map<string, Word[]>>();
  const wrong: string[] = [];
  const started_ms = performance.now();

  const note = ({ fixture, seed, scenarios }: Ran): void => {
    const odd = scenarios.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
    console.log(`${fixture}, seed ${seed}: ${scenarios.length} scenarios, ${odd.length} of them not passed`);
    for (const { name, verdict, findings, reasons } of odd) {
      const why = verdict === 'fail' ? findings.map(({ check, kind }) => `${check}/${kind}`) : reasons;
      wrong.push(`${fixture}, seed ${seed}, ${name}: ${verdict}: ${why.join('; ')}`);
    }
    for (const { name, verdict } of scenarios) {
      const row = cells.get(name) ?? new Map<string, Word[]>();
      cells.set(name, row.set(fixture, [...(row.get(fixture) ?? []), verdict]));
    }
  };
  const work = async (): Promise<void> => {
    for (const { fixture, seed } of waiting) note(await run(fixture, seed, more));
  };
  await Promise.all(Array.from({ length: Number(values['at-once']) }, work));
  console.log(`\n${renderSuite(cells, asked)}\n`);
  console.log(
    `● pass  ✗ fail  ? inconclusive  – not applicable, over ${seeds.length} seeds, ${Math.round((performance.now() - started_ms) / 1000)} s`,
  );
  for (const line of wrong) console.log(line);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
