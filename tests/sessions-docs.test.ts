/** docs/SESSIONS.md, held against the code: its program and its curl lines are run, its tables are what the code says. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import getPort from 'get-port';
import { expect, test } from 'vitest';
import { openMetrics } from '../harness/cli/up/metrics.ts';
import { DEFAULT_SESSION_LIMITS } from '../harness/plan/defaults.ts';
import { ending, openBench, ROOT } from './muster.ts';

const page = readFileSync(join(ROOT, 'docs/SESSIONS.md'), 'utf8');
const firstColumn = (pattern: RegExp): string[] => [...page.matchAll(pattern)].map(([, name = '']) => name).sort();

test('the program of the page runs', () => {
  using bench = openBench();
  const [, program = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
  const library = pathToFileURL(join(ROOT, 'harness/index.ts')).href;
  const file = join(bench.folder, 'program.ts');
  writeFileSync(join(bench.folder, 'package.json'), '{"type": "module"}');
  writeFileSync(file, program.replace("'a2a-muster'", JSON.stringify(library)));
  const printed = execFileSync(process.execPath, [file], { cwd: bench.folder, encoding: 'utf8' }).trim().split('\n');
  expect(printed).toHaveLength(3);
  expect(printed[0]).toMatch(/^echo http:\/\/127\.0\.0\.1:\d+\/\.well-known\/agent-card\.json$/);
  expect(printed[2]).toBe('0 sessions are left');
});

test('the lines of curl do what the page says', async () => {
  const [, script = ''] = /```sh\n(.*?)```/s.exec(page) ?? [];
  const token = /^export MUSTER_TOKEN=(\S+)$/m.exec(script)?.[1] ?? '';
  const [, flags = ''] = /^npx muster up (.*) &$/m.exec(script) ?? [];
  const port = await getPort();
  using bench = openBench({ env: { MUSTER_TOKEN: token } });
  const up = bench.start('up', ...flags.replace('7801', String(port)).split(' '));
  const ended = ending(up);
  try {
    let printed = '';
    up.stdout?.on('data', (chunk) => {
      printed += chunk;
    });
    await expect.poll(() => printed, { timeout: 20_000 }).toContain('ready');
    let id = '';
    const answers: string[] = [];
    for (const line of script.split('\n').filter((each) => each.startsWith('curl '))) {
      const env = { ...process.env, MUSTER_TOKEN: token, ID: id };
      const command = `${line.replace('7801', String(port))} -s --fail`;
      const answer = execFileSync('/bin/sh', ['-c', command], { env, encoding: 'utf8' });
      answers.push(answer);
      if (line.includes(' -d ')) id = JSON.parse(answer).id;
    }
    const [list, opened, looked, touched, over, health, metrics] = answers;
    expect(JSON.parse(list ?? '').sessions).toHaveLength(2);
    expect(JSON.parse(opened ?? '')).toMatchObject({ user: 'ann', state: 'ready' });
    for (const view of [looked, touched]) expect(JSON.parse(view ?? '')).toMatchObject({ id, state: 'ready' });
    expect(JSON.parse(over ?? '')).toMatchObject({ id, ended: 'asked' });
    expect(JSON.parse(health ?? '')).toMatchObject({ status: 'ok', sessions: 2 });
    expect(metrics).toContain('muster_session_ends_total{reason="asked"} 1');
  } finally {
    up.kill('SIGTERM');
    await ended;
  }
});

test('the page tells every flag of `muster up`, every limit with its default, and every metric, and no other', async () => {
  using bench = openBench();
  const { stdout } = await bench.muster('up', '--help');
  const flags = [...new Set([...stdout.matchAll(/(--[a-z][a-z-]*)/g)].map(([, flag = '']) => flag))];
  const known = flags.filter((flag) => flag !== '--help' && flag !== '--version');
  expect(firstColumn(/^\| `(--[a-z-]+)/gm)).toEqual(known.sort());
  const plain = page.replaceAll(/ +/g, ' ');
  for (const [name, value] of Object.entries(DEFAULT_SESSION_LIMITS))
    expect(plain).toContain(`| \`${name}\` | ${value} |`);
  const metrics = [...(await openMetrics().print()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  expect(firstColumn(/^\| `(muster_\w+)/gm)).toEqual(metrics.sort());
});
