/**
 * `kill -9` of `muster up` at any moment: no agent process lives on, and all ports are leasable at once. In full size with
 * MUSTER_FULL=1: 100 sessions, 20 times, told on standard error how long it took.
 */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_PORTS } from '../harness/plan/defaults.ts';
import { forkRandom } from '../harness/plan/random.ts';
import { defaultLockFolder } from '../harness/ports/lock-folder.ts';
import { openPortPool } from '../harness/ports/port-pool.ts';
import { ending, eventually, openBench } from './muster.ts';

const FULL = process.env['MUSTER_FULL'] === '1';
const SESSIONS = FULL ? 100 : 30;
const ROUNDS = FULL ? 20 : 5;
const MOMENT_MS_MAX = 300;
const RANGE = { ...DEFAULT_PORTS, first: 20_000, last: 20_000 + SESSIONS * 10 - 1, block: 6, exclude: [] };

/** As light as an agent in a process of its own can be: it serves a card and nothing else. */
const AGENT = `
const card = { name: 'light', version: '1', capabilities: {}, supportedInterfaces: [
  { url: 'http://127.0.0.1:' + process.env.PORT, protocolBinding: 'JSONRPC', protocolVersion: '1.0' } ] };
require('node:http').createServer((_, response) => response.end(JSON.stringify(card))).listen(process.env.PORT, '127.0.0.1');
`;

test(`muster up with ${SESSIONS} sessions that is killed leaves neither agents nor leases, ${ROUNDS} times`, async () => {
  const random = forkRandom(100, 'moments of death');
  const seen: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    using bench = openBench({ ownLocks: true });
    writeFileSync(join(bench.folder, 'light.cjs'), AGENT);
    // By how many have come up, not by the clock, so that a slow machine dies at the same moments; once when all stand.
    const opened = round === 0 ? SESSIONS : random.between(0, SESSIONS);
    const moment_ms = random.between(0, MOMENT_MS_MAX);
    const command = `exec '${process.execPath}' light.cjs`;
    const ports = `${RANGE.first}-${RANGE.last}`;
    const up = bench.start('up', '--command', command, '--sessions', String(SESSIONS), '--ports', ports);
    const ended = ending(up);
    using _whatever = { [Symbol.dispose]: () => void up.kill('SIGKILL') };
    let printed = '';
    up.stdout?.on('data', (chunk) => {
      printed += chunk;
    });
    const count = () => printed.match(/^opened /gm)?.length ?? 0;
    await expect.poll(count, { timeout: 120_000, interval: 5 }).toBeGreaterThanOrEqual(opened);
    await new Promise((resolve) => setTimeout(resolve, moment_ms));
    const agents = bench.left().filter((line) => line.includes('light.cjs') && !line.includes('muster.js')).length;
    up.kill('SIGKILL');
    await ended;
    const killed_ms = performance.now();
    const left = await eventually(bench.left, (processes) => processes.length === 0);
    const gone_ms = performance.now() - killed_ms;
    expect(left, `killed with ${agents} agents`).toEqual([]);
    await using pool = await openPortPool(RANGE, { folder: join(bench.folder, basename(defaultLockFolder())) });
    for (let block = 0; block < SESSIONS; block += 1)
      expect((await pool.lease('test')).ports).toHaveLength(RANGE.block);
    seen.push(agents);
    if (FULL) process.stderr.write(`killed with ${agents} agents, all gone within ${Math.round(gone_ms)} ms\n`);
  }
  // A round that found none at work has shown nothing.
  expect(Math.max(...seen)).toBe(SESSIONS);
}, 600_000);
