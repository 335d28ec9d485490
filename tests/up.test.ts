/** `muster up` from outside: sessions that answer, a control API to steer them by, and nothing left however it is told to stop. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_PORTS } from '../harness/plan/defaults.ts';
import { defaultLockFolder } from '../harness/ports/lock-folder.ts';
import { openPortPool } from '../harness/ports/port-pool.ts';
import { type Bench, ending, openBench, ROOT } from './muster.ts';
import { startUp } from './muster-up.ts';

/** No other test's, so that a bench with locks of its own can look whether all came back. */
const RANGE = { ...DEFAULT_PORTS, first: 9600, last: 9679, block: 5, exclude: [] };
const PORTS = ['--ports', `${RANGE.first}-${RANGE.last}`] as const;
const STANDALONE = `exec '${process.execPath}' '${join(ROOT, 'fixtures/agents/standalone.mjs')}'`;

async function expectAllReturned(bench: Bench): Promise<void> {
  expect(bench.left()).toEqual([]);
  await using pool = await openPortPool(RANGE, { folder: join(bench.folder, basename(defaultLockFolder())) });
  for (let block = 0; block < 8; block += 1) expect((await pool.lease('test')).ports).toHaveLength(RANGE.block);
}

/** Muster's own command line names the agents, too. */
const agentsOf = (bench: Bench, command: string): readonly string[] =>
  bench.left().filter((line) => line.includes(command) && !line.includes('muster.js'));

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`sessions stand until ${signal}, which is the normal end: exit code 0, all agents stopped, all ports returned`, async () => {
    using bench = openBench({ ownLocks: true });
    using up = startUp(bench, 'echo', '--sessions', '3', '--agents', '2', ...PORTS);
    expect(await up.until('ready')).toMatchObject({ sessions: 3, agents: 6 });
    const { sessions } = (await (await up.ask('/sessions')).json()) as {
      sessions: readonly { user: string; agents: readonly { url: string }[] }[];
    };
    expect(sessions.map(({ user }) => user).sort()).toEqual(['u1', 'u2', 'u3']);
    const urls = sessions.flatMap(({ agents }) => agents.map(({ url }) => url));
    expect(new Set(urls).size).toBe(6);
    for (const url of urls) expect((await fetch(url)).status).toBe(200);
    expect(await up.stop(signal)).toMatchObject({ code: 0 });
    expect(up.told.filter(({ type }) => type === 'ended').map(({ reason }) => reason)).toEqual(
      Array(3).fill('shutdown'),
    );
    expect(up.told.at(-1)).toMatchObject({ type: 'stopped', sessions: 3 });
    await expectAllReturned(bench);
  });
}

test('agents in processes of their own are stopped with it, and what they print is kept where it is asked for', async () => {
  using bench = openBench({ ownLocks: true });
  using up = startUp(bench, '--command', STANDALONE, '--sessions', '2', '--agents', '2', '--logs', 'logs', ...PORTS);
  const { session } = await up.until('opened');
  await up.until('ready');
  expect(agentsOf(bench, 'standalone.mjs')).toHaveLength(4);
  expect(await up.stop('SIGTERM')).toMatchObject({ code: 0 });
  expect(readFileSync(join(bench.folder, `logs/${session?.id}-agent-1.log`), 'utf8')).toContain('standalone answers');
  await expectAllReturned(bench);
});

test('a signal while sessions are still starting ends them, too', async () => {
  using bench = openBench({ ownLocks: true });
  using up = startUp(bench, '--command', 'exec sleep 600', '--sessions', '4', ...PORTS);
  const sleeping = () => agentsOf(bench, 'sleep 600').length > 0;
  await expect.poll(sleeping, { timeout: 20_000 }).toBe(true);
  expect(await up.stop('SIGINT')).toMatchObject({ code: 0 });
  await expectAllReturned(bench);
});

test('the agents of a session are those that were named, in turn, and know their peers', async () => {
  using bench = openBench();
  using up = startUp(bench, 'echo', 'delegator', '--agents', '3');
  const { session } = await up.until('opened');
  const cards =
    session?.agents.map(async ({ url }) => ((await (await fetch(url)).json()) as { name: string }).name) ?? [];
  expect(await Promise.all(cards)).toEqual(['echo', 'delegator', 'echo']);
  await up.stop('SIGTERM');
});

test('two at once on one range keep out of each other’s way, and a third that does not fit says so', async () => {
  using bench = openBench({ ownLocks: true });
  using one = startUp(bench, '--sessions', '4', ...PORTS);
  using other = startUp(bench, '--sessions', '4', ...PORTS);
  const ups = [one, other];
  await Promise.all(ups.map((up) => up.until('ready')));
  const ports = ups.flatMap(({ told }) => told.flatMap(({ session }) => session?.ports ?? []));
  expect(ports).toHaveLength(48);
  expect(new Set(ports).size).toBe(48);
  const third = await bench.muster('up', '--sessions', '1', ...PORTS);
  expect(third).toMatchObject({ code: 4 });
  expect(third.stderr).toMatch(/Failed to bring session 1 of 1 up: Failed to lease 6 ports in 9600–9679/);
  for (const up of ups) expect(await up.stop('SIGTERM')).toMatchObject({ code: 0 });
  await expectAllReturned(bench);
});

test('a session that nobody uses is ended, and muster stays up for the next', async () => {
  using bench = openBench();
  using up = startUp(bench, '--idle', '400ms');
  expect(await up.until('ended')).toMatchObject({ reason: 'idle' });
  const opened = await up.ask('/sessions', { method: 'POST', body: '{"user":"ann"}', headers: await bearer(up) });
  expect(opened.status).toBe(201);
  await up.stop('SIGTERM');
});

test('outside of a terminal each thing that happens is a line, and the way to the control API can be pasted', async () => {
  using bench = openBench();
  const up = bench.start('up', '--sessions', '2');
  const ended = ending(up);
  let text = '';
  up.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await expect.poll(() => text, { timeout: 20_000 }).toContain('Ctrl-C');
  const curl = /^control {2}(curl .*)$/m.exec(text)?.[1] ?? '';
  expect(JSON.parse(execFileSync('/bin/sh', ['-c', `${curl} -s`], { encoding: 'utf8' })).sessions).toHaveLength(2);
  up.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^opened {3}\w+ u1 on \d+ in \d+ ms$/m);
  expect(stdout).toMatch(/^stopped {2}2 sessions/m);
  expect(stdout).not.toContain('\u001b');
});

test('whoever read what it prints goes away, and it stops', async () => {
  using bench = openBench({ ownLocks: true });
  const up = bench.start('up', '--idle', '300ms', ...PORTS);
  const ended = ending(up);
  up.stdout?.once('data', () => up.stdout?.destroy());
  expect(await ended).toMatchObject({ code: 0 });
  await expectAllReturned(bench);
});

test('a token of one’s own is neither printed nor passed on to the agents', async () => {
  const token = 'a-token-that-nobody-may-see';
  using bench = openBench({ env: { MUSTER_TOKEN: token } });
  using up = startUp(bench, '--command', `env > env.txt; ${STANDALONE}`);
  const { control } = await up.until('ready');
  expect(control?.token).toBeUndefined();
  const answer = await fetch(`${control?.url}/health`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  const { stdout } = await up.stop('SIGTERM');
  expect(stdout).not.toContain(token);
  expect(readFileSync(join(bench.folder, 'env.txt'), 'utf8')).not.toContain(token);
});

test('wrong flags are told all at once', async () => {
  using bench = openBench({ env: { MUSTER_TOKEN: 'short' } });
  const { code, stderr } = await bench.muster(
    'up',
    ...['--sessions', '1.5', '--agents', '7', '--idle', 'soon', '--ports', '90-80', '--control-port', '70000'],
  );
  expect(code).toBe(4);
  for (const flag of ['--sessions', '--agents', '--idle', 'ports', '--control-port', 'MUSTER_TOKEN'])
    expect(stderr).toMatch(new RegExp(`^ {2}${flag}: `, 'm'));
  const unknown = await bench.muster('up', 'nobody');
  expect(unknown.stderr).toMatch(/MUSTER_TOKEN/);
  using other = openBench();
  expect((await other.muster('up', 'nobody')).stderr).toMatch(
    /target.name: there is no "nobody"; `muster list` names them all/,
  );
  expect((await other.muster('up', 'delegator')).stderr).toMatch(
    /"delegator" delegates to "echo", which must be named/,
  );
});

test('a command that does not come up, and a control port that is taken, end it with a sentence', async () => {
  using bench = openBench({ ownLocks: true });
  writeFileSync(join(bench.folder, 'agent.sh'), 'echo the disk is full; exit 3\n');
  const failed = await bench.muster('up', '--command', 'sh agent.sh', '--sessions', '3', ...PORTS);
  expect(failed).toMatchObject({ code: 4 });
  expect(failed.stderr).toMatch(/Failed to bring session \d of 3 up: .*exited with code 3/);
  expect(failed.stderr).toContain('the disk is full');
  await expectAllReturned(bench);
  await using server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const taken = await bench.muster('up', '--control-port', String(port));
  expect(taken).toMatchObject({ code: 4 });
  expect(taken.stderr).toMatch(/for the control API: .*EADDRINUSE.*Give another --control-port/);
});

async function bearer(up: ReturnType<typeof startUp>): Promise<Record<string, string>> {
  const { control } = await up.until('ready');
  return { authorization: `Bearer ${control?.token}` };
}

test('a range among ephemeral ports is warned of, as a run does', async () => {
  using bench = openBench({ ownLocks: true });
  using up = startUp(bench, '--sessions', '0', '--ports', '1024-65535');
  await up.until('ready');
  const { stderr } = await up.stop('SIGTERM');
  if (process.platform === 'linux')
    expect(stderr).toMatch(/ports 1024-65535 overlap .*, from which this machine takes ports/);
});
