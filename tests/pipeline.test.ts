/** The pipeline from outside: each verb reads the files of the one before, and old files give the same results again. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { contextOf } from '../harness/engines/node/run-script.ts';
import type { Plan } from '../harness/model/plan.ts';
import { recall } from '../harness/script/recall.ts';
import { scenarios } from '../scenarios/table.ts';
import { openBench, ROOT } from './muster.ts';

test.concurrent('one run leaves every file, and judging and reporting it again change nothing', async () => {
  using bench = openBench();
  const run = await bench.muster('run', '--seed', '11', '--out', 'first');
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toContain('first/report.html');
  const read = (file: string) => readFileSync(join(bench.folder, 'first', file), 'utf8');
  const files = ['plan.json', 'history.jsonl', 'verdict.json', 'report.json', 'report.html', 'junit.xml'];
  expect(run.stdout).not.toContain('issues.md');
  expect(existsSync(join(bench.folder, 'first/issues.md'))).toBe(false);
  const before = new Map(files.map((file) => [file, read(file)]));

  expect((await bench.muster('judge', 'first')).code).toBe(0);
  expect(read('verdict.json')).toBe(before.get('verdict.json'));
  expect((await bench.muster('report', 'first')).code).toBe(0);
  for (const file of files) expect(read(file), file).toBe(before.get(file));
  expect(bench.left()).toEqual([]);

  const schema = JSON.parse(readFileSync(join(ROOT, 'reports/json/report.schema.json'), 'utf8'));
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schema);
  expect(validate(JSON.parse(read('report.json'))) ? [] : validate.errors).toEqual([]);

  const history = bench.history('first');
  const started = history[0];
  const plan: Plan = JSON.parse(read('plan.json'));
  const nonce = started?.type === 'run' && started.phase === 'started' ? started.nonce : '';
  let recalled = 0;
  for (const scenarioPlan of plan.scenarios) {
    const scenario = scenarios.find(({ name }) => name === scenarioPlan.name);
    const events = history.filter((event) => event.scenario === scenarioPlan.name);
    for (const event of events) {
      if (scenario === undefined || event.type !== 'user' || event.phase !== 'arrived') continue;
      const index = Number(event.user.slice(1)) - 1;
      const script = scenario.script(contextOf({ plan, scenarioPlan, nonce }, index, event.device));
      const { asked, recorded } = recall(script, events, event);
      expect(asked, `${scenario.name} ${event.user}`).toEqual(recorded);
      recalled += 1;
    }
  }
  expect(recalled).toBeGreaterThan(100);
});

test.concurrent('two plans of one seed are the same, and a plan file can be carried out', async () => {
  using bench = openBench();
  const plans = await Promise.all([1, 2].map(() => bench.muster('plan', 'two-devices', '--seed', '5')));
  expect(plans[0]?.stdout).toBe(plans[1]?.stdout);
  expect((await bench.muster('plan', 'two-devices', '--seed', '5', '--out', 'plan.json')).code).toBe(0);
  expect(existsSync(join(bench.folder, 'plan.json'))).toBe(true);
  expect((await bench.muster('run', '--plan', 'plan.json', '--out', 'run')).code).toBe(0);
  expect(bench.record('run')).toMatchObject({ seed: 5, verdict: 'pass' });
});

test.concurrent('gates decide the exit code: met 0, missed 3, without samples 2', async () => {
  using bench = openBench();
  const codes = await Promise.all(
    ['error_rate < 50%', 'p50_ms(SendMessage) < 0.001', 'p50_ms(ListTasks) < 1000'].map(
      async (gate, index) => (await bench.muster('run', 'two-devices', '--gate', gate, '--out', `run-${index}`)).code,
    ),
  );
  expect(codes).toEqual([0, 3, 2]);
});

test.concurrent('two hundred users finish', async () => {
  using bench = openBench();
  const { code } = await bench.muster('run', 'many-users', '--users', '200', '--rate', '100', '--out', 'run');
  expect(code).toBe(0);
  const arrived = bench.history('run').filter((event) => event.type === 'user' && event.phase === 'left');
  expect(arrived).toHaveLength(200);
});

test.concurrent('a finding is replayed by the line that it prints, and replay counts how often it came back', async () => {
  using bench = openBench();
  const first = await bench.muster('run', '--fixture', 'shared-variable', 'many-users', '--seed', '3', '--out', 'run');
  expect(first.code).toBe(1);
  const { replay } = bench.record('run').scenarios[0]?.findings[0] ?? { replay: '' };
  expect(first.stdout).toContain(replay);
  const [, , ...words] = replay.split(' ');
  expect((await bench.muster(...words, '--out', 'again')).code).toBe(1);
  const counted = await bench.muster('replay', 'run', '--times', '2');
  expect(counted.code).toBe(1);
  expect(counted.stdout).toMatch(/2 of 2 {2}many-users, user-isolation/);
});
