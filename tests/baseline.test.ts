/** Known findings from outside: what one run found is accepted in the next, under another seed, and judged so for ever. */
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { checks } from '../harness/checks/table.ts';
import { acceptFindings, type BaselineArguments } from '../harness/cli/baseline.ts';
import { baselineText } from '../harness/cli/baseline-file.ts';
import { readRun } from '../harness/cli/judge.ts';
import { liveFrom } from '../harness/cli/live.ts';
import { planFrom } from '../harness/cli/settings.ts';
import type { BaselineEntry } from '../harness/model/baseline.ts';
import { makeRunFolder } from '../harness/run/folder.ts';
import { runPlan } from '../harness/run/run-plan.ts';
import { openBench, ROOT } from './muster.ts';

const MANY = 'many-users';
const SHARED = 'shared-variable';
const FOUND = [
  'user-isolation/canary-in-answer/SendMessage',
  'user-isolation/canary-in-list/ListTasks',
  'user-isolation/canary-in-task/GetTask',
];

function emptyFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'muster-baseline-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test.concurrent('one mutant has the same fingerprints under several seeds', async () => {
  using folder = emptyFolder();
  for (const seed of [1, 2]) {
    const plan = await planFrom({ fixture: SHARED, scenario: [MANY], mode: 'simulated', seed });
    const { verdict } = await runPlan({
      plan,
      ...(await liveFrom(plan)),
      checks,
      folder: await makeRunFolder({ folder: join(folder.path, `seed-${seed}`) }),
      signal: new AbortController().signal,
    });
    const fingerprints = verdict.scenarios.flatMap(({ findings }) => findings.flatMap((each) => each.fingerprints));
    expect(fingerprints.sort(), `seed ${seed}`).toEqual(FOUND);
  }
});

test.concurrent('muster baseline writes what a run found, and the next run accepts it, also without the file', async () => {
  using bench = openBench();
  const run = (seed: string, ...more: readonly string[]) =>
    bench.muster('run', MANY, '--fixture', SHARED, '--seed', seed, '--out', `run-${seed}`, ...more);
  expect((await run('3')).code).toBe(1);

  const accepted = await bench.muster('baseline', 'run-3', '--reason', 'one variable for all, #12');
  expect(accepted).toMatchObject({ code: 0, stderr: '' });
  expect(accepted.stdout).toMatch(/^muster\.baseline\.json: 3 entries, of which 3 new\nnew, accepted until /);

  const next = await run('4', '--baseline', 'muster.baseline.json');
  expect(next).toMatchObject({ code: 0, stderr: '' });
  expect(next.stdout).toMatch(/PASS {2}Nothing new: 3 known findings are accepted for a while/);
  expect(next.stdout).toMatch(/⊗ 1\. .*user-isolation[^⊗]*accepted until \d{4}-\d\d-\d\d: one variable for all, #12/s);
  const record = bench.record('run-4');
  expect(record.scenarios[0]?.findings).toHaveLength(3);
  expect(record.run.replay).not.toContain('baseline');
  const schema = JSON.parse(readFileSync(join(ROOT, 'reports/json/report.schema.json'), 'utf8'));
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schema);
  expect(validate(record) ? [] : validate.errors).toEqual([]);

  unlinkSync(join(bench.folder, 'muster.baseline.json'));
  const again = await readRun(join(bench.folder, 'run-4'));
  expect(`${JSON.stringify(again.verdict, null, 2)}\n`).toBe(bench.text('run-4', 'verdict.json'));
  await acceptsAgain(join(bench.folder, 'run-4'), join(bench.folder, 'again.json'));
});

/** The same run, from nothing and then on top of a file. */
async function acceptsAgain(dir: string, out: string): Promise<void> {
  const now = new Date('2027-03-01T23:30:00Z');
  const accept = (more: Partial<BaselineArguments>) => acceptFindings({ dir, out, prune: false, ...more }, now);
  const read = (): readonly BaselineEntry[] => JSON.parse(readFileSync(out, 'utf8')).findings;

  await expect(accept({ until: '2027-02-28', reason: ' ' })).rejects.toThrow(
    /2027-02-28 is over already\n.*--reason: it is/,
  );
  await expect(accept({ until: 'soon' })).rejects.toThrow(/--until: "soon" must be .* such as 2026-12-31/);
  const first = await accept({});
  expect(first[0]).toBe(`${out}: 3 entries, of which 3 new`);
  expect(first.at(-1)).toMatch(
    /^3 entries without a reason: write it into the file, or give one for all with --reason/,
  );
  expect(read()).toEqual(FOUND.map((finding) => ({ finding, reason: '', until: '2027-03-31' })));

  const stale = { finding: 'terminal-is-final/terminal-state-left/GetTask', reason: 'mended?', until: '2027-01-01' };
  const [answer, ...others] = read();
  writeFileSync(out, baselineText([stale, ...(answer ? [{ ...answer, until: '2027-02-01' }] : []), ...others]));
  const second = (await accept({ reason: '#12', until: '2027-03-01' })).join('\n');
  expect(second).toContain(`not seen in this run, and kept:\n  ${stale.finding}`);
  expect(second).toContain(`not accepted any more: give them a new date in the file, or mend them:\n  ${FOUND[0]}`);
  expect(second).toContain('run with --baseline');
  expect(read().map(({ reason, until }) => [reason, until])).toEqual([
    ['mended?', '2027-01-01'],
    ['#12', '2027-02-01'],
    ['#12', '2027-03-31'],
    ['#12', '2027-03-31'],
  ]);
  expect((await accept({ prune: true })).join('\n')).toContain(`and dropped:\n  ${stale.finding}`);
  expect(read()).toHaveLength(3);
}

test.concurrent('a config may name the baseline, a flag another or none, and a replay line forgives nothing', async () => {
  using folder = emptyFolder();
  const at = (name: string): string => join(folder.path, name);
  const entry = { finding: FOUND[0] ?? '', reason: '#12', until: '2026-12-31' };
  writeFileSync(at('known.json'), baselineText([entry]));
  writeFileSync(at('other.json'), baselineText([]));
  writeFileSync(at('bad.json'), baselineText([{ ...entry, reason: '' }]));
  writeFileSync(at('muster.config.mjs'), `export default { baseline: ${JSON.stringify(at('known.json'))} };`);
  const config = at('muster.config.mjs');

  const configured = await planFrom({ config, seed: 1 });
  expect(configured.baseline).toEqual({ path: at('known.json'), findings: [entry] });
  expect(configured.flags).toEqual(['--config', config, '--no-baseline']);
  expect((await planFrom({ config, seed: 1, baseline: false })).baseline).toBeUndefined();
  const flagged = await planFrom({ seed: 1, baseline: at('other.json') });
  expect(flagged).toMatchObject({ baseline: { path: at('other.json'), findings: [] }, flags: [] });
  await expect(planFrom({ seed: 1, users: 0, baseline: at('bad.json') })).rejects.toThrow(
    /findings\.0\.reason: it is empty.*\n.*--users: 0/,
  );
});
