import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StrangerOnPort } from '../agents/agent-errors.ts';
import type { Unstamped } from '../model/history.ts';
import { DEFAULT_PORTS } from '../plan/defaults.ts';
import { openPortPool } from '../ports/port-pool.ts';
import { openBlocks } from './blocks.ts';

async function openBench(blocks: number) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-blocks-'));
  const told: Unstamped[] = [];
  const pool = await openPortPool({ ...DEFAULT_PORTS, first: 9200, last: 9299, exclude: [] }, { folder, blocks });
  return {
    told,
    blocks: openBlocks(pool, (event) => told.push(event)),
    phases: () => told.map((event) => ('phase' in event ? event.phase : '')),
    [Symbol.asyncDispose]: async () => {
      await pool[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

test('a stranger costs the block and not the start, and its block is not handed out again', async () => {
  await using bench = await openBench(4);
  const tried: number[] = [];
  const { started } = await bench.blocks.startOn('agent', async ({ ports: [port = 0] }) => {
    tried.push(port);
    if (tried.length < 3) throw new StrangerOnPort('agent', port, 'nginx, process 7');
    return port;
  });
  expect(new Set(tried).size).toBe(3);
  expect(started).toBe(tried[2]);
  expect(bench.phases()).toEqual(['leased', 'stolen', 'leased', 'stolen', 'leased']);
  expect(bench.told[1]).toMatchObject({ by: 'nginx, process 7' });
});

test('strangers everywhere are a reason to stop, and the last of them is named', async () => {
  await using bench = await openBench(9);
  const start = bench.blocks.startOn('agent', async ({ ports: [port = 0] }) => {
    throw new StrangerOnPort('agent', port, 'nginx, process 7');
  });
  await expect(start).rejects.toThrow(/nginx, process 7/);
  expect(bench.phases().filter((phase) => phase === 'leased')).toHaveLength(5);
});

test('what cannot start gives its block back, and a full pool refuses with its numbers', async () => {
  await using bench = await openBench(1);
  await expect(bench.blocks.startOn('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const { lease } = await bench.blocks.startOn('a', async () => 'up');
  await expect(bench.blocks.startOn('b', async () => 'up')).rejects.toThrow();
  expect(bench.told.at(-1)).toMatchObject({ phase: 'refused', holder: 'b', blocks_held: 1, blocks_all: 1 });
  await bench.blocks.giveBack(lease);
  expect((await bench.blocks.startOn('b', async () => 'up')).started).toBe('up');
});
