/** `muster ports` from outside: what another process of muster holds, what a stranger has, and what was given wrongly. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBench } from './muster.ts';

/** Of this file alone. */
const FIRST = 16_000 + (process.pid % 40) * 20;
const RANGE = `${FIRST}-${FIRST + 19}`;

const POOL = JSON.stringify(new URL('../harness/ports/port-pool.ts', import.meta.url).href);

/** Holds the first block of the range, in the place where the bench's own muster locks. */
async function holder(folder: string): Promise<AsyncDisposable & { readonly pid: number; kill(): Promise<void> }> {
  const plan = { from: 'range', first: FIRST, last: FIRST + 4, block: 5, spacing: 10, exclude: [] };
  const script = `const { openPortPool } = await import(${POOL});
    const pool = await openPortPool(${JSON.stringify(plan)}, { run: 'a-run' });
    await pool.lease('a'); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid: child.pid ?? 0, kill, [Symbol.asyncDispose]: kill };
}

test('held, spent and excluded blocks are told with whose they are, for people and for programs', async () => {
  using bench = openBench({ ownLocks: true });
  await using held = await holder(bench.folder);
  const stranger = createServer().listen(FIRST + 12, '127.0.0.1');
  await once(stranger, 'listening');
  await using _ = stranger;
  const { code, stdout } = await bench.muster('ports', '--ports', RANGE);
  expect(code).toBe(0);
  expect(stdout).toContain(`${RANGE}: 2 blocks of 5, one every 10 ports: 1 held, 1 spent, 0 free`);
  expect(stdout).toMatch(new RegExp(`held +1 +${FIRST}-${FIRST + 4} +by process ${held.pid} since .* for a-run`));
  expect(stdout).toMatch(new RegExp(`spent +1 .*${FIRST + 12} by pid ${process.pid} \\(`));

  const json = JSON.parse(
    (await bench.muster('ports', '--ports', RANGE, '--exclude-ports', `${FIRST + 11}`, '--json')).stdout,
  );
  expect(json.counts).toEqual({ blocks: 2, held: 1, abandoned: 0, spent: 0, excluded: 1, free: 0 });
  expect(json.blocks[0]).toMatchObject({ first: FIRST, state: 'held', holders: [{ alive: true, pid: held.pid }] });

  await held.kill();
  const after = JSON.parse((await bench.muster('ports', '--ports', RANGE, '--json')).stdout);
  expect(after.blocks[0]).toMatchObject({ state: 'abandoned', holders: [{ alive: false, pid: held.pid }] });
});

test('ranges and lists that cannot be are refused, and a range among ephemeral ports is warned of once', async () => {
  using bench = openBench({ ownLocks: true });
  const wrong = await bench.muster('ports', '--ports', '9000-80', '--exclude-ports', 'x');
  expect(wrong).toMatchObject({ code: 4, stdout: '' });
  expect(wrong.stderr).toMatch(/--exclude-ports: "x" is no port/);
  expect(wrong.stderr).toMatch(/ends before it begins/);
  const unwise = await bench.muster('ports', '--ports', '1024-65535');
  expect(unwise.code).toBe(0);
  if (process.platform === 'linux') expect(unwise.stderr.match(/outgoing connections/g)).toHaveLength(1);
});

test('a lock folder that is no folder stops a look and a run with the same sentence, and no stack', async () => {
  using bench = openBench({ ownLocks: true });
  const { uid, username } = userInfo();
  const folder = join(bench.folder, `muster-ports-${uid < 0 ? username : uid}`);
  writeFileSync(folder, '');
  for (const verb of [['ports'], ['run', 'two-devices', '--ports', RANGE], ['up', '--ports', RANGE]]) {
    const { code, stderr } = await bench.muster(...verb);
    expect({ code, stderr }).toMatchObject({ code: 4 });
    expect(stderr).toMatch(/Failed to use ".*muster-ports-.*" for port locks: it is no folder/);
    expect(stderr).not.toMatch(/\n\s+at /);
  }
  rmSync(folder);
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['0.lock', '5010.lock', 'claim-', 'claim-1-1-x', 'README']) writeFileSync(join(folder, name), '?');
  mkdirSync(join(folder, `${FIRST}.lock`));
  const { code, stdout, stderr } = await bench.muster('run', 'two-devices', '--ports', RANGE);
  // On a machine that is too busy to judge anything it is inconclusive, but has found its ports.
  expect([0, 2], stdout + stderr).toContain(code);
  expect(readdirSync(folder)).toContain(`${FIRST}.lock`);
});
