/** Searching a range that others use too: what is believed of it may be wrong at any time, and no block is lost by that. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PortLease } from '../model/live.ts';
import type { PortsPlan } from '../model/plan.ts';
import { openPortPool } from './port-pool.ts';
import { PortsExhausted } from './ports-exhausted.ts';

const folder = () => mkdtempDisposable(join(tmpdir(), 'muster-find-'));

/** Of this file alone. */
const FIRST = 17_000 + (process.pid % 50) * 10;

const planOf = (blocks: number, block: number): PortsPlan => ({
  from: 'range',
  first: FIRST,
  last: FIRST + blocks * block - 1,
  block,
  spacing: block,
  exclude: [],
});

const STALE = JSON.stringify({ pid: process.pid, started: '1', mark: '00000000-0000-4000-8000-00000000dead' });

test('whatever three pools take and return, and whoever dies: no port is leased twice, and none is refused while one is left', async () => {
  type Act = readonly ['lease' | 'return' | 'die', number];
  const acts: fc.Arbitrary<readonly Act[]> = fc.array(
    fc.tuple(fc.constantFrom('lease', 'lease', 'return', 'die'), fc.nat(30)),
    { maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(acts, async (todo) => {
      await using temp = await folder();
      const plan = planOf(4, 2);
      await using stack = new AsyncDisposableStack();
      const pools = [];
      for (let index = 0; index < 3; index += 1) pools.push(stack.use(await openPortPool(plan, { folder: temp.path })));
      const leases: PortLease[] = [];
      for (const [act, index] of todo) {
        if (act === 'lease') {
          const lease = await pools[index % 3]?.lease('x').catch((error: unknown) => error);
          if (lease instanceof PortsExhausted) expect(leases).toHaveLength(4);
          else leases.push(lease as PortLease);
        } else if (act === 'return') {
          await leases.splice(index % Math.max(1, leases.length), 1)[0]?.[Symbol.asyncDispose]();
        } else {
          // Left behind on a block that nobody has, as by a process that was killed.
          const path = join(temp.path, `${FIRST + (index % 8)}.lock`);
          if (!leases.some(({ ports }) => ports.includes(FIRST + (index % 8)))) writeFileSync(path, STALE);
        }
        const ports = leases.flatMap((lease) => lease.ports);
        expect(new Set(ports).size).toBe(ports.length);
      }
    }),
    { numRuns: 40 },
  );
});

test('a block that another process returned is found, though it was believed to be held', async () => {
  await using temp = await folder();
  const plan = planOf(3, 2);
  await using theirs = await openPortPool(plan, { folder: temp.path });
  const held = [await theirs.lease('a'), await theirs.lease('b'), await theirs.lease('c')];
  await using ours = await openPortPool(plan, { folder: temp.path });
  await expect(ours.lease('d')).rejects.toThrow(PortsExhausted);
  await held[1]?.[Symbol.asyncDispose]();
  expect((await ours.lease('d')).ports).toEqual(held[1]?.ports);
});

test('locks that appear after a pool was opened are respected, and so are gaps that they leave', async () => {
  await using temp = await folder();
  const plan = planOf(4, 3);
  await using ours = await openPortPool(plan, { folder: temp.path });
  await (await ours.lease('first'))[Symbol.asyncDispose]();
  await using theirs = await openPortPool(
    { ...plan, first: FIRST + 2, last: FIRST + 7, block: 6 },
    { folder: temp.path },
  );
  await theirs.lease('wide');
  expect((await ours.lease('a')).ports).toEqual([FIRST + 9, FIRST + 10, FIRST + 11]);
  await expect(ours.lease('b')).rejects.toThrow(PortsExhausted);
});

test('a folder whose locks somebody swept away leaves the pool able to lease', async () => {
  await using temp = await folder();
  await using pool = await openPortPool(planOf(3, 2), { folder: temp.path });
  const lease = await pool.lease('a');
  for (const name of readdirSync(temp.path).filter((each) => each.endsWith('.lock'))) rmSync(join(temp.path, name));
  await using other = await openPortPool(planOf(3, 2), { folder: temp.path });
  // The lock is gone, but the sockets hold.
  const others = [await other.lease('b'), await other.lease('c')].flatMap(({ ports }) => ports);
  expect(lease.ports.filter((port) => others.includes(port))).toEqual([]);
  await expect(other.lease('d')).rejects.toThrow(PortsExhausted);
});
