/**
 * Agents made with other SDKs, started by their commands. What is written down of them in docs/findings fails nothing, and
 * anything else does.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { agentOf03, foreignAgents, whyNot } from './foreign-agents.ts';
import { openBench, ROOT } from './muster.ts';

for (const agent of foreignAgents) {
  const { name, folder, command, runs } = agent;
  const missing = whyNot(agent);
  const known = join(folder, 'known-findings.json');

  for (const { transport, scenarios } of runs) {
    test.concurrent(`an agent in ${name} shows nothing over ${transport} that is not written down`, async ({
      skip,
    }) => {
      skip(missing !== undefined, missing);
      using bench = openBench();
      const flags = ['--transport', transport, '--phrasebook', 'echo', '--identity', 'bearer', '--baseline', known];
      const run = await bench.muster('run', ...scenarios, '--command', command, ...flags, '--out', 'run');
      expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' });
      const verdicts = bench.record('run').scenarios.map((each) => `${each.name} ${each.verdict}`);
      expect(verdicts).toEqual(scenarios.map((scenario) => `${scenario} pass`));
      expect(bench.left()).toEqual([]);
    });
  }

  test(`what is accepted of the agent in ${name} says where it is written down`, () => {
    const { findings } = JSON.parse(readFileSync(known, 'utf8'));
    for (const { finding, reason } of findings) {
      expect(existsSync(join(ROOT, reason)), reason).toBe(true);
      expect(readFileSync(join(ROOT, reason), 'utf8')).toContain(finding.split('/')[0]);
    }
  });
}

test('a stranger who watches a task made with the Go SDK is found every time', async ({ skip }) => {
  const [go] = foreignAgents.filter(({ name }) => name === 'Go');
  const missing = go && whyNot(go);
  skip(go === undefined || missing !== undefined, missing);
  using bench = openBench();
  const flags = ['--phrasebook', 'echo', '--identity', 'bearer', '--users', '2', '--out', 'run'];
  const run = await bench.muster('run', 'access-matrix', '--command', go?.command ?? '', ...flags);
  expect(run.code).toBe(1);
  const fingerprints = bench.record('run').scenarios.flatMap(({ findings }) => findings.flatMap((f) => f.fingerprints));
  const { findings } = JSON.parse(readFileSync(join(go?.folder ?? '', 'known-findings.json'), 'utf8'));
  const written = findings.filter(({ reason }: { reason: string }) =>
    /subscribe-for-anyone|reveals-a-task/.test(reason),
  );
  expect(fingerprints.sort()).toEqual(written.map(({ finding }: { finding: string }) => finding).sort());
});

test.concurrent('what is told of the Python SDK is still there, with the SDK alone', async ({ skip }) => {
  const python = foreignAgents.find(({ name }) => name === 'Python');
  const missing = python && whyNot(python);
  skip(python === undefined || missing !== undefined, missing);
  const interpreter = join(ROOT, '.cache/python-agent/bin/python');
  const { stdout } = await promisify(execFile)(interpreter, [join(ROOT, 'fixtures/python/show.py')]);
  const shown = stdout.trim().split('\n');
  expect(shown).toHaveLength(5);
  for (const line of shown) expect(line).toMatch(/^python-[a-z-]+: still there: /);
  for (const line of shown) expect(existsSync(join(ROOT, `docs/findings/${line.split(':')[0]}.md`)), line).toBe(true);
});

test('an agent of A2A 0.3 is tested in the words of its time, and not accused of what came later', async ({ skip }) => {
  const missing = whyNot(agentOf03);
  skip(missing !== undefined, missing);
  using bench = openBench();
  const names = agentOf03.runs.flatMap(({ scenarios }) => scenarios);
  const run = await bench.muster(
    'run',
    ...names,
    '--command',
    agentOf03.command,
    '--phrasebook',
    'echo',
    '--out',
    'run',
  );
  expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' });
  const { scenarios } = bench.record('run');
  expect(scenarios.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'not-applicable']);
  expect(scenarios.at(-1)?.reasons).toEqual(['the agent speaks A2A 0.3, which has no ListTasks']);
  const { operations = [] } = scenarios[0]?.metrics ?? {};
  expect(operations.find(({ op }) => op === 'ListTasks')).toMatchObject({ ok: 0, errors: { 'not-in-protocol': 50 } });
  expect(bench.left()).toEqual([]);
});
