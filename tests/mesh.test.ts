/** A mesh from outside: real processes on leased ports, one of them killed, and what the report tells of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerOf, caller } from '../fixtures/agents/caller.ts';
import { openBench, ROOT } from './muster.ts';
import { startUp } from './muster-up.ts';

const STANDALONE = `exec '${process.execPath}' '${join(ROOT, 'fixtures/agents/standalone.mjs')}'`;

test.concurrent('three servers in processes of their own, one killed at work: the others answer, and the report says when and how long', async () => {
  using bench = openBench();
  const run = await bench.muster('run', 'mesh-loses-one', '--fixture', 'mesh', '--seed', '3', '--out', 'run');
  expect(run, run.stdout).toMatchObject({ code: 0, stderr: '' });
  expect(bench.left()).toEqual([]);

  const events = bench.history('run');
  const ready = events.flatMap((event) => (event.type === 'agent' && event.phase === 'ready' ? event : []));
  expect(ready.map(({ agent }) => agent).sort()).toEqual(['agent', 'agent-2', 'agent-3']);
  expect(new Set(ready.map(({ pid }) => pid)).size).toBe(3);
  const [asked, healed] = ['asked', 'healed'].map((phase) =>
    events.findIndex((event) => event.type === 'fault' && event.phase === phase),
  );
  const meanwhile = events.slice(asked, healed);
  expect(meanwhile.filter((event) => event.type === 'ok').length).toBeGreaterThan(20);
  expect(events.filter((event) => event.type === 'fail' || event.type === 'info')).toEqual([]);

  const [fault] = bench.record('run').scenarios.flatMap(({ metrics }) => metrics?.faults ?? []);
  expect(fault).toMatchObject({
    fault: { fault: 'kill', target: 'agent-2' },
    proof: expect.stringContaining('SIGKILL'),
  });
  expect((fault?.healed_ms ?? 0) - (fault?.applied_ms ?? 0)).toBeGreaterThan(1_000);
});

test.concurrent('a session of `muster up mesh` is a mesh of its own', async () => {
  using bench = openBench();
  using up = startUp(bench, 'mesh', '--sessions', '2', '--agents', '3', '--ports', 'os');
  await up.until('ready');
  const { sessions } = (await (await up.ask('/sessions')).json()) as {
    sessions: readonly { agents: readonly { url: string }[] }[];
  };
  for (const { agents } of sessions) {
    const origins = agents.map(({ url }) => new URL(url).origin);
    for (const origin of origins) {
      const user = await caller(origin, 'JSONRPC', 'ann');
      const status = async (): Promise<string> => answerOf(await user.send('status'));
      await expect.poll(status, { timeout: 10_000 }).toContain('2 of 2 other servers are up');
      const others = (await status()).match(/http:[^,;]+/g) ?? [];
      expect([...others, origin].toSorted()).toEqual(origins.toSorted());
    }
  }
  expect(await up.stop('SIGTERM')).toMatchObject({ code: 0 });
  expect(bench.left()).toEqual([]);
});

test.concurrent('a command is told where the other agents of its session are', async () => {
  using bench = openBench();
  const command = `echo "told of $PEER_URLS"; ${STANDALONE}`;
  using up = startUp(bench, '--command', command, '--agents', '3', '--logs', 'logs', '--ports', 'os');
  const { session } = await up.until('opened');
  const urls = session?.agents.map(({ url }) => new URL(url).origin) ?? [];
  for (const [index, own] of urls.entries()) {
    const others = urls.filter((url) => url !== own).join(' ');
    expect(bench.text('logs', `${session?.id}-agent-${index + 1}.log`)).toContain(`told of ${others}\n`);
  }
  expect(await up.stop('SIGTERM')).toMatchObject({ code: 0 });
});

test.concurrent('a scenario of several servers says where it cannot be run', async () => {
  using bench = openBench();
  const why = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await bench.muster('plan', 'mesh-coordination', '--phrasebook', 'mesh', ...args);
    return JSON.parse(stdout).scenarios[0].not_applicable;
  };
  expect(await why('--fixture', 'mesh')).toBeUndefined();
  expect(await why('--url', 'http://127.0.0.1:1')).toContain('can start no others beside it');
  expect(await why('--fixture', 'echo', '--mode', 'simulated')).toContain('run it with --mode real');
  writeFileSync(join(bench.folder, 'muster.config.mjs'), 'export default { ports: { block: 2 } };');
  expect(await why('--fixture', 'mesh')).toBe('it needs 3 ports on end, and a block has 2: see ports.block');
});
