/** `kill -9` of a run at any moment: no process of it lives on, no port stays leased, and its folder is still readable. */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_PORTS } from '../harness/plan/defaults.ts';
import { forkRandom } from '../harness/plan/random.ts';
import { defaultLockFolder } from '../harness/ports/lock-folder.ts';
import { openPortPool } from '../harness/ports/port-pool.ts';
import { ending, eventually, openBench } from './muster.ts';

const ROUNDS = 20;
const RANGE = { ...DEFAULT_PORTS, first: 9100, last: 9139, exclude: [] };

/** Where each of them can find a range of its own, with neighbours in it. */
const NEIGHBOURHOOD = { ...DEFAULT_PORTS, first: 21_000, last: 21_399, exclude: [] };
const NEIGHBOUR_ROUNDS = 6;

test(`a run that is killed leaves nothing and its report says that it was interrupted, ${ROUNDS} times`, async () => {
  const random = forkRandom(20, 'moments of death');
  let reported = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    using bench = openBench({ ownLocks: true });
    const moment_ms = random.between(100, 2400);
    const run = bench.start(
      'run',
      'kill-restart',
      'freeze-thaw',
      '--ports',
      `${RANGE.first}-${RANGE.last}`,
      '--out',
      'run',
    );
    const ended = ending(run);
    const history = join(bench.folder, 'run/history.jsonl');
    const hasBegun = () => (statSync(history, { throwIfNoEntry: false })?.size ?? 0) > 0;
    // One in four dies at any moment; the others once there is something to tell of, so that a slow machine shows it too.
    if (round % 4 > 0) await expect.poll(hasBegun, { timeout: 60_000, interval: 10 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, moment_ms));
    run.kill('SIGKILL');
    await ended;

    const left = await eventually(bench.left, (processes) => processes.length === 0);
    expect(left, `killed after ${moment_ms} ms`).toEqual([]);
    await using pool = await openPortPool(RANGE, { folder: join(bench.folder, basename(defaultLockFolder())) });
    for (let block = 0; block < 4; block += 1) expect((await pool.lease('test')).ports).toHaveLength(RANGE.block);

    if (!hasBegun()) continue;
    reported += 1;
    const report = await bench.muster('report', 'run');
    expect(report, report.stderr).toMatchObject({ code: 0 });
    expect(bench.record('run').run.ended).not.toBe('finished');
    expect(report.stdout).toMatch(/interrupted/i);
  }
  expect(reported).toBeGreaterThan(ROUNDS / 2);
}, 300_000);

test(`a run that is killed takes its neighbours with it, ${NEIGHBOUR_ROUNDS} times`, async () => {
  const random = forkRandom(6, 'moments of death among neighbours');
  let most = 0;
  for (let round = 0; round < NEIGHBOUR_ROUNDS; round += 1) {
    using bench = openBench({ ownLocks: true });
    const flags = ['--ports', `${NEIGHBOURHOOD.first}-${NEIGHBOURHOOD.last}`, '--out', 'run'];
    const run = bench.start('run', 'range-shared', 'port-grabbed', ...flags);
    const ended = ending(run);
    const neighbours = () => bench.left().filter((line) => line.includes('neighbour-process')).length;
    // By how many have come, so that a slow machine dies at the same moments; once when all are there.
    const enough = round === 0 ? 16 : random.between(1, 16);
    await expect.poll(neighbours, { timeout: 60_000, interval: 10 }).toBeGreaterThanOrEqual(enough);
    most = Math.max(most, neighbours());
    run.kill('SIGKILL');
    await ended;
    expect(await eventually(bench.left, (processes) => processes.length === 0)).toEqual([]);
    await using pool = await openPortPool(NEIGHBOURHOOD, { folder: join(bench.folder, basename(defaultLockFolder())) });
    for (let block = 0; block < 40; block += 1) expect((await pool.lease('test')).ports).toHaveLength(5);
  }
  expect(most).toBe(16);
}, 300_000);
