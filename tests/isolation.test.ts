/** Isolation strategies from outside: the same users under all of them, and what each costs and keeps apart. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ISOLATION_NAMES, type IsolationName } from '../harness/model/session.ts';
import { isolationScenarios } from '../scenarios/isolation.ts';
import { ending, eventually, openBench, ROOT } from './muster.ts';

/** Sessions that meet on the same agents. */
const SHARING: ReadonlySet<IsolationName> = new Set(['hashed', 'router']);

test('every strategy has a scenario, and they run only when named: by name, by pattern or by family', async () => {
  expect(isolationScenarios.map(({ isolation }) => isolation)).toEqual(ISOLATION_NAMES);
  using bench = openBench();
  const planned = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await bench.muster('plan', ...words, '--seed', '1');
    if (code !== 0) return stderr;
    const plan: { scenarios: readonly { name: string; isolation?: string }[] } = JSON.parse(stdout);
    return plan.scenarios.map(({ name }) => name);
  };
  const all = isolationScenarios.map(({ name }) => name);
  const [suite, one, pattern, family, none] = await Promise.all([
    planned(),
    planned('isolation-os'),
    planned('isolation-*', 'isolation-os'),
    planned('isolation strategies'),
    planned('isolation-x*'),
  ]);
  expect(all.filter((name) => suite?.includes(name))).toEqual([]);
  expect(suite?.length).toBeGreaterThan(5);
  expect(one).toEqual(['isolation-os']);
  expect(pattern).toEqual(all);
  expect(family).toEqual(all);
  expect(none).toContain('there is no "isolation-x*"');
  const simulated = JSON.parse((await bench.muster('plan', 'isolation-router', '--mode', 'simulated')).stdout);
  expect(simulated.scenarios).toMatchObject([
    { isolation: 'router', not_applicable: expect.stringContaining('nothing is isolated') },
  ]);
  const { stdout } = await bench.muster('list');
  for (const name of all) expect(stdout).toContain(`  ${name} `);
  const page = readFileSync(join(ROOT, 'docs/ISOLATION.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, name]) => name);
  // What a session has, and what it cost.
  expect(rows).toEqual([...ISOLATION_NAMES, ...ISOLATION_NAMES]);
});

test('an agent that shares state leaks where sessions share agents, and nowhere else; the table says so', async () => {
  using bench = openBench();
  const run = await bench.muster('run', 'isolation-*', '--fixture', 'shared-variable', '--seed', '3', '--out', 'run');
  expect(run, run.stderr).toMatchObject({ code: 1 });
  expect(run.stdout).toContain("npx muster run 'isolation-*' --fixture shared-variable --seed 3");
  const { isolation = [], scenarios } = bench.record('run');
  expect(isolation.map(({ strategy }) => strategy)).toEqual(ISOLATION_NAMES);
  for (const record of isolation) {
    const verdict = scenarios.find(({ name }) => name === record.scenario)?.verdict;
    if (verdict === 'not-applicable') continue;
    expect(verdict, record.strategy).toBe(SHARING.has(record.strategy) ? 'fail' : 'pass');
    if (SHARING.has(record.strategy)) expect(record.findings, record.strategy).toBeGreaterThan(0);
    else expect(record.findings, record.strategy).toBe(0);
    expect(record, record.strategy).toMatchObject({ asked: 8, failed: 0, memory: { sessions: record.opened } });
  }
  const of = (strategy: IsolationName) => isolation.find((each) => each.strategy === strategy);
  expect(of('fixed')).toMatchObject({ opened: 1, refused: 7, at_once_max: 1, conflicts: 0 });
  expect(of('hashed')).toMatchObject({ opened: 8, at_once_max: 8, conflicts: 4 });
  for (const strategy of ['dynamic', 'os', 'router'] as const)
    expect(of(strategy)).toMatchObject({ opened: 8, at_once_max: 8, conflicts: 0 });
  expect(of('queue')).toMatchObject({ opened: 8, refused: 0, at_once_max: 1, waiting: { count: 8 } });
  expect(of('on-demand')?.cold_starts.count).toBeGreaterThanOrEqual(32);
  expect(of('router')?.memory?.processes).toBe(2);

  const read = (file: string) => readFileSync(join(bench.folder, 'run', file), 'utf8');
  const before = [read('report.json'), read('report.html')];
  expect((await bench.muster('report', 'run')).code).toBe(0);
  expect([read('report.json'), read('report.html')]).toEqual(before);
  expect(before[1]).toContain('Isolation strategies compared');
  expect(bench.left()).toEqual([]);
}, 180_000);

test('a correct agent is accused under no strategy, not even when it was stopped and has forgotten its tasks', async () => {
  using bench = openBench();
  const names = ['fixed', 'hashed', 'router', 'on-demand'].map((strategy) => `isolation-${strategy}`);
  const run = await bench.muster('run', ...names, '--fixture', 'rememberer', '--seed', '4', '--out', 'run');
  expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' });
  expect(bench.record('run').isolation?.map(({ findings }) => findings)).toEqual([0, 0, 0, 0]);
  const forgotten = bench
    .history('run')
    .filter((event) => event.type === 'fail' && event.error.code === 'TaskNotFoundError');
  expect(new Set(forgotten.map(({ scenario }) => scenario))).toEqual(new Set(['isolation-on-demand']));
}, 120_000);

test.for([
  ['namespace', 'namespace-process', [0, 8]],
  ['container', 'muster-c-', [1]],
] as const)(
  'a run of isolation-%s that is killed leaves no process, no mount and no socket',
  { timeout: 120_000 },
  async ([strategy, mark, stages], context) => {
    const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length;
    const before = mounts();
    let inside = 0;
    for (const opened of stages) {
      using bench = openBench({ ownLocks: true });
      const run = bench.start('run', `isolation-${strategy}`, '--ports', '9400-9499', '--out', 'run');
      const ended = ending(run);
      const seen = (phase: string) => bench.text('run', 'history.jsonl').split(`"phase":"${phase}"`).length - 1;
      const alive = () => bench.left().filter((line) => line.includes(mark)).length;
      const isThere = () => (opened === 0 ? alive() > 2 : seen('opened') >= opened) || seen('not-applicable') > 0;
      // Eight sessions on a busy machine take their time.
      expect(await eventually(isThere, Boolean, 800)).toBe(true);
      const missing = seen('not-applicable') > 0;
      inside += alive();
      run.kill('SIGKILL');
      await ended;
      if (missing && process.env['MUSTER_CI'] === undefined) context.skip(`a ${strategy} cannot be had here`);
      expect(await eventually(bench.left, (left) => left.length === 0)).toEqual([]);
      expect(readFileSync('/proc/net/unix', 'utf8')).not.toContain(bench.folder);
      expect(mounts()).toBe(before);
      expect(containersOf(run.pid)).toEqual([]);
      expect(readdirSync(bench.folder).filter((name) => name.startsWith('muster-c-'))).toEqual([]);
    }
    expect(inside).toBeGreaterThan(2 * stages.length);
  },
);

test.each(['queue', 'on-demand', 'namespace', 'container'])(
  'a run of isolation-%s that is interrupted in its middle ends in order, with nobody left waiting',
  async (strategy) => {
    using bench = openBench();
    const run = bench.start('run', `isolation-${strategy}`, '--out', 'run');
    const ended = ending(run);
    const opened = () => bench.text('run', 'history.jsonl').includes('"phase":"opened"');
    const over = () => run.exitCode !== null;
    await eventually(() => opened() || over(), Boolean);
    run.kill('SIGINT');
    const { code } = await ended;
    // Where namespaces or containers cannot be made, there was nothing to interrupt.
    expect(code).toBe(bench.text('run', 'history.jsonl').includes('"phase":"not-applicable"') ? 2 : 130);
    expect(bench.left()).toEqual([]);
    expect(containersOf(run.pid)).toEqual([]);
  },
  60_000,
);

/** What engines and the process table know of containers that this process asked for. */
function containersOf(pid = 0): readonly string[] {
  const ask =
    'ctr containers ls -q; ctr tasks ls; ctr snapshots ls; docker ps -a; docker images; cat /proc/[0-9]*/cmdline';
  const { stdout } = spawnSync('timeout', ['5', 'sh', '-c', `(${ask}) 2>/dev/null`], { encoding: 'latin1' });
  return stdout.match(new RegExp(`muster-c-\\w+-\\w+-${pid}-[\\w-]+`, 'g')) ?? [];
}
