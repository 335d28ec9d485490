/** Sixteen processes on one range of ports at the same time: each gets its share, whoever of them is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { PortsPlan } from '../harness/model/plan.ts';
import { isFree } from '../harness/ports/free-port.ts';
import { openPortPool } from '../harness/ports/port-pool.ts';

const PROCESSES = 16;
const BLOCKS_EACH = 6;
const BLOCK = 5;
const PORTS = PROCESSES * BLOCKS_EACH * BLOCK;

/** Told once to begin: leases all of its blocks at once, returns every other one, and leases as many again. */
const racer = (folder: string, plan: PortsPlan): string => `
import { openPortPool } from ${JSON.stringify(new URL('../harness/ports/port-pool.ts', import.meta.url).href)};
const pool = await openPortPool(${JSON.stringify(plan)}, { folder: ${JSON.stringify(folder)} });
console.log('"open"');
process.stdin.once('data', async () => {
  const leaseMany = (count) => Promise.all(Array.from({ length: count }, (_, index) => pool.lease('racer-' + index)));
  try {
    const first = await leaseMany(${BLOCKS_EACH});
    const kept = first.filter((_, index) => index % 2 === 0);
    await Promise.all(first.filter((_, index) => index % 2 === 1).map((lease) => lease[Symbol.asyncDispose]()));
    const again = await leaseMany(first.length - kept.length);
    console.log(JSON.stringify([...kept, ...again].map(({ ports }) => ports)));
  } catch (error) {
    console.log(JSON.stringify(error.message));
  }
});
`;

const startRacer = (script: string) => {
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    begin: () => void child.stdin.write('go\n'),
    line: async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null'),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

/** Below the ephemeral ports, where nobody listens just now. */
const quietStretch = async (length: number): Promise<number> => {
  let first = 24_000 + ((process.pid * 37) % 6_000);
  for (let found = 0; found < length; ) {
    if (await isFree(first + found)) found += 1;
    else {
      first += found + 1;
      found = 0;
    }
    if (first + length > 32_700) first = 24_000;
  }
  return first;
};

test('a range that has room for exactly as many is shared out, block by block, and the killed give theirs back', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'muster-race-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const work = mkdtempSync(join(tmpdir(), 'muster-racers-'));
  stack.defer(() => rmSync(work, { recursive: true, force: true }));
  const first = await quietStretch(PORTS);
  const plan: PortsPlan = { from: 'range', first, last: first + PORTS - 1, block: BLOCK, spacing: BLOCK, exclude: [] };
  const script = join(work, 'racer.ts');
  writeFileSync(script, racer(folder, plan));

  const racers = Array.from({ length: PROCESSES }, () => stack.use(startRacer(script)));
  await Promise.all(racers.map(({ line }) => line()));
  for (const { begin } of racers) begin();
  const blocks = (await Promise.all(racers.map(({ line }) => line()))) as number[][][];
  // A racer that was refused has told why in place of its blocks.
  expect(blocks.filter((each) => !Array.isArray(each))).toEqual([]);
  const ports = blocks.flat(2).sort((a, b) => a - b);
  expect(ports).toEqual(Array.from({ length: PORTS }, (_, index) => first + index));

  const killed = racers.filter((_, index) => index % 2 === 0);
  await Promise.all(killed.map((each) => each[Symbol.asyncDispose]()));
  const orphaned = blocks.filter((_, index) => index % 2 === 0).flat(2);
  await using heir = await openPortPool(plan, { folder });
  const inherited = await Promise.all(Array.from({ length: orphaned.length / BLOCK }, () => heir.lease('heir')));
  expect(inherited.flatMap((lease) => lease.ports).sort((a, b) => a - b)).toEqual(orphaned.sort((a, b) => a - b));
  await expect(heir.lease('one more')).rejects.toThrow(/held by other processes of muster/);
});
