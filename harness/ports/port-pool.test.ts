/** Leases among pools of one process, and among processes that are killed. Ports are real, and so are their owners. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { PortEvent, Unstamped } from '../model/history.ts';
import type { PortsPlan } from '../model/plan.ts';
import { isFree } from './free-port.ts';
import { openPortPool } from './port-pool.ts';
import { PortsExhausted } from './ports-exhausted.ts';

const folder = () => mkdtempDisposable(join(tmpdir(), 'muster-ports-test-'));

/** A stretch of ports below the ephemeral ones on which nobody listens just now. */
const quietStretch = async (length: number): Promise<number> => {
  let first = 20_000 + ((process.pid * 41) % 10_000);
  for (let found = 0; found < length; ) {
    if (await isFree(first + found)) found += 1;
    else {
      first += found + 1;
      found = 0;
    }
    if (first > 32_000) first = 20_000;
  }
  return first;
};

const planOf = async (blocks: number, block: number): Promise<PortsPlan> => {
  const first = await quietStretch(blocks * block);
  return { from: 'range', first, last: first + blocks * block - 1, block, spacing: block, exclude: [] };
};

const portsOf = ({ first, last }: PortsPlan): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

test('a lease is a block of consecutive ports, held for its owner, and each block is leased once', async () => {
  await using temp = await folder();
  const plan = await planOf(3, 4);
  await using one = await openPortPool(plan, { folder: temp.path });
  await using two = await openPortPool(plan, { folder: temp.path });
  const leases = [await one.lease('a'), await two.lease('b'), await one.lease('c')];
  for (const { ports } of leases) {
    const [first = 0] = ports;
    expect(ports).toEqual([first, first + 1, first + 2, first + 3]);
    expect(await Promise.all(ports.map(isFree))).toEqual([false, false, false, false]);
  }
  expect(new Set(leases.flatMap(({ ports }) => ports)).size).toBe(12);
  expect(one.count()).toEqual({ held: 2, all: 3 });
  await expect(two.lease('d')).rejects.toThrow(PortsExhausted);
});

test('leases asked for at once are distinct', async () => {
  await using temp = await folder();
  await using pool = await openPortPool(await planOf(8, 2), { folder: temp.path });
  const leases = await Promise.all(Array.from({ length: 8 }, (_, index) => pool.lease(`user-${index}`)));
  expect(new Set(leases.flatMap(({ ports }) => ports)).size).toBe(16);
});

test('pools with other block sizes on the same range share no port', async () => {
  await using temp = await folder();
  const plan = await planOf(6, 5);
  await using fives = await openPortPool(plan, { folder: temp.path });
  await using sevens = await openPortPool({ ...plan, block: 7, spacing: 3 }, { folder: temp.path });
  const ports = [await fives.lease('a'), await sevens.lease('b'), await fives.lease('c')].flatMap(
    (lease) => lease.ports,
  );
  expect(new Set(ports).size).toBe(17);
});

test('a block in which another program listens is passed over', async () => {
  await using temp = await folder();
  const plan = await planOf(2, 2);
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const neighbour = createServer().listen(plan.first + 1, host);
    await once(neighbour, 'listening');
    await using pool = await openPortPool(plan, { folder: temp.path });
    expect((await pool.lease('a')).ports).toEqual([plan.first + 2, plan.first + 3]);
    await expect(pool.lease('b')).rejects.toThrow(/in use by other programs/);
    neighbour.close();
    await once(neighbour, 'close');
    expect((await pool.lease('b')).ports).toEqual([plan.first, plan.first + 1]);
  }
});

test('a full pool refuses in words, tells the history, and gives again what is returned', async () => {
  await using temp = await folder();
  const events: Unstamped<PortEvent>[] = [];
  const plan = await planOf(5, 2);
  await using pool = await openPortPool(plan, { folder: temp.path, blocks: 2, onEvent: (event) => events.push(event) });
  const first = await pool.lease('a');
  await pool.lease('b');
  const error = await pool.lease('c').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PortsExhausted);
  expect(error).toMatchObject({ held: 2, all: 2 });
  expect((error as Error).message).toContain(`${plan.first}–${plan.last}`);
  expect((error as Error).message).toContain('holds 2 of 2 blocks');
  await first[Symbol.asyncDispose]();
  await pool.lease('c');
  expect(events.map(({ phase, holder }) => `${phase} ${holder}`)).toEqual([
    'leased a',
    'leased b',
    'refused c',
    'returned a',
    'leased c',
  ]);
});

test('disposing a lease twice leaves the lock of its next owner alone', async () => {
  await using temp = await folder();
  const plan = await planOf(1, 2);
  await using one = await openPortPool(plan, { folder: temp.path });
  await using two = await openPortPool(plan, { folder: temp.path });
  const lease = await one.lease('a');
  await lease[Symbol.asyncDispose]();
  await two.lease('b');
  await lease[Symbol.asyncDispose]();
  await expect(one.lease('c')).rejects.toThrow(PortsExhausted);
});

test('disposing the pool returns everything, and a closed pool leases no more', async () => {
  await using temp = await folder();
  const plan = await planOf(3, 2);
  const pool = await openPortPool(plan, { folder: temp.path });
  await pool.lease('a');
  const late = pool.lease('b').catch((error: unknown) => error);
  await pool[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
  expect(await late).toMatchObject({ message: expect.stringContaining('the pool is closed') });
  await expect(pool.lease('c')).rejects.toThrow('the pool is closed');
  expect(readdirSync(temp.path)).toEqual([]);
  expect(await Promise.all(portsOf(plan).map(isFree))).toEqual(portsOf(plan).map(() => true));
});

test('the operating system gives blocks too, and they are locked like others', async () => {
  await using temp = await folder();
  const plan: PortsPlan = { from: 'os', first: 0, last: 0, block: 3, spacing: 3, exclude: [] };
  await using pool = await openPortPool(plan, { folder: temp.path });
  const leases = await Promise.all([pool.lease('a'), pool.lease('b'), pool.lease('c')]);
  const ports = leases.flatMap((lease) => lease.ports);
  expect(new Set(ports).size).toBe(9);
  const locks = readdirSync(temp.path).filter((name) => name.endsWith('.lock'));
  expect(locks.sort()).toEqual(ports.map((port) => `${port}.lock`).sort());
  expect(await Promise.all(ports.map(isFree))).toEqual(ports.map(() => false));
});

const leaser = (lockFolder: string, plan: PortsPlan): string => `
import { openPortPool } from ${JSON.stringify(new URL('./port-pool.ts', import.meta.url).href)};
const pool = await openPortPool(${JSON.stringify(plan)}, { folder: ${JSON.stringify(lockFolder)} });
console.log('"open"');
process.stdin.once('data', async () => {
  try {
    console.log(JSON.stringify((await pool.lease('racer')).ports));
  } catch (error) {
    console.log(JSON.stringify(error.message));
  }
});
`;

interface Racer extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly line: () => Promise<unknown>;
}

const startRacer = (script: string): Racer => {
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    line: async () => JSON.parse((await lines.next()).value ?? 'null'),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

test('six processes that race for six blocks with stale locks get one each, and a killed one gives its own back', async () => {
  await using temp = await folder();
  await using work = await folder();
  const plan = await planOf(6, 3);
  const stale = JSON.stringify({ pid: process.pid, started: '1', mark: '00000000-0000-4000-8000-00000000dead' });
  for (let port = plan.first; port <= plan.last; port += 1) writeFileSync(join(temp.path, `${port}.lock`), stale);
  const script = join(work.path, 'racer.ts');
  writeFileSync(script, leaser(temp.path, plan));

  await using racers = new AsyncDisposableStack();
  const all = Array.from({ length: 6 }, () => racers.use(startRacer(script)));
  await Promise.all(all.map(({ line }) => line()));
  for (const { child } of all) child.stdin?.write('go\n');
  const blocks = (await Promise.all(all.map(({ line }) => line()))) as number[][];
  expect(blocks.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 18 }, (_, index) => plan.first + index));

  await using pool = await openPortPool(plan, { folder: temp.path });
  await expect(pool.lease('too-early')).rejects.toThrow(/held by other processes of muster/);
  await all[2]?.[Symbol.asyncDispose]();
  expect((await pool.lease('heir')).ports).toEqual(blocks[2]);
});
