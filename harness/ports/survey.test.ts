/** Every state that a block can be in, made by real locks and real listeners. */
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PortsPlan } from '../model/plan.ts';
import { isFree } from './free-port.ts';
import { openPortPool } from './port-pool.ts';
import { type PortUse, surveyPorts } from './survey.ts';

const folder = () => mkdtempDisposable(join(tmpdir(), 'muster-survey-'));

/** Of this file alone. */
const FIRST = 18_000 + (process.pid % 50) * 10;

const planOf = (blocks: number, block: number): PortsPlan => ({
  from: 'range',
  first: FIRST,
  last: FIRST + blocks * block - 1,
  block,
  spacing: block,
  exclude: [],
});

const unknown: PortUse = { busy: () => undefined, who: () => undefined };

const stale = (pid: number): string =>
  JSON.stringify({ pid, started: '1', mark: '00000000-0000-4000-8000-00000000dead', run: 'old-run' });

const listeningAt = async (port: number) => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

test('held, abandoned, spent, excluded and free blocks are told apart, with their owners', async () => {
  await using temp = await folder();
  const plan = { ...planOf(5, 2), exclude: [FIRST + 9] };
  await using pool = await openPortPool({ ...plan, last: FIRST + 1 }, { folder: temp.path, run: 'new-run' });
  await pool.lease('a');
  writeFileSync(join(temp.path, `${FIRST + 2}.lock`), stale(process.pid));
  await using _ = await listeningAt(FIRST + 5);
  const { blocks, elsewhere } = await surveyPorts(plan, { ...unknown, who: (port) => `nginx at ${port}` }, temp.path);
  expect(blocks).toEqual([
    {
      first: FIRST,
      last: FIRST + 1,
      state: 'held',
      holders: [{ alive: true, pid: process.pid, since: expect.stringMatching(/^\d{4}-.*Z$/), run: 'new-run' }],
      spent: [],
    },
    {
      first: FIRST + 2,
      last: FIRST + 3,
      state: 'abandoned',
      holders: [{ alive: false, pid: process.pid, since: expect.any(String), run: 'old-run' }],
      spent: [],
    },
    {
      first: FIRST + 4,
      last: FIRST + 5,
      state: 'spent',
      holders: [],
      spent: [{ port: FIRST + 5, by: `nginx at ${FIRST + 5}` }],
    },
    { first: FIRST + 6, last: FIRST + 7, state: 'free', holders: [], spent: [] },
    { first: FIRST + 8, last: FIRST + 9, state: 'excluded', holders: [], spent: [] },
  ]);
  expect(elsewhere).toEqual([]);
});

test('a port that a living process has locked is never bound, and nothing is left of the look', async () => {
  await using temp = await folder();
  const plan = planOf(2, 2);
  await using pool = await openPortPool({ ...plan, last: FIRST + 1 }, { folder: temp.path });
  const lease = await pool.lease('a');
  for (const port of lease.ports) await lease.free(port);
  const before = readdirSync(temp.path).sort();
  // An agent that is about to bind its own port meets nobody there, however often somebody looks.
  let over = false;
  const looking = (async () => {
    while (!over) await surveyPorts(plan, unknown, temp.path);
  })();
  const answers: boolean[] = [];
  while (answers.length < 200) answers.push(await isFree(FIRST), await isFree(FIRST + 1));
  over = true;
  await looking;
  expect(answers).not.toContain(false);
  expect(readdirSync(temp.path).sort()).toEqual(before);
});

test('where the system tells who listens, a port is bound only if something is connected from it', async () => {
  await using temp = await folder();
  const plan = planOf(3, 1);
  const use: PortUse = {
    busy: () => ({ listening: new Set([FIRST]), connected: new Set([FIRST, FIRST + 1]) }),
    who: () => undefined,
  };
  const { blocks } = await surveyPorts(plan, use, temp.path);
  // The second is free after all, as binding it has shown.
  expect(blocks.map(({ state }) => state)).toEqual(['spent', 'free', 'free']);
});

test('locks outside of the range, locks that hold rubbish and files that are no locks are told or passed over', async () => {
  await using temp = await folder();
  for (const name of ['1.lock.turn', 'x.lock', 'notes.txt', '.hidden']) writeFileSync(join(temp.path, name), 'rubbish');
  writeFileSync(join(temp.path, `${FIRST}.lock`), '{"pid":');
  writeFileSync(join(temp.path, '1025.lock'), stale(1));
  const { blocks, elsewhere } = await surveyPorts(planOf(1, 2), unknown, temp.path);
  expect(blocks).toMatchObject([{ state: 'abandoned', holders: [{ alive: false }] }]);
  expect(elsewhere).toMatchObject([{ port: 1025, holder: { alive: false, pid: 1, run: 'old-run' } }]);
  await using pool = await openPortPool(planOf(1, 2), { folder: temp.path });
  expect((await pool.lease('a')).ports).toEqual([FIRST, FIRST + 1]);
});
