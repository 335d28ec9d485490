/** Whether leases stay cheap as a range fills up, and whether they clash when sixteen processes want the same range at once. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PortLease, PortPool } from '../harness/model/live.ts';
import type { PortsPlan } from '../harness/model/plan.ts';
import { openPortPool } from '../harness/ports/port-pool.ts';
import { startChild } from './child.ts';
import type { Benchmark, Table } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';
import type { PortsAnswer, PortsQuestion } from './ports-child.ts';

const BLOCKS = 800;
const BLOCK = 5;
const ROUNDS = 5;
const CALLS = 40;
const COLD_CALLS = 5;

const PROCESSES = 16;
const BLOCKS_EACH = 50;
const RACES = 3;
const BOOT_MS = 200;

/** Below the ports of outgoing connections, and of the agents that other programs of muster start meanwhile. */
const FIRST = 10_000;

const rangeAt = (index: number): PortsPlan => {
  const first = FIRST + index * BLOCKS * BLOCK;
  return { from: 'range', first, last: first + BLOCKS * BLOCK - 1, block: BLOCK, spacing: BLOCK, exclude: [] };
};

export const ports: Benchmark = {
  name: 'ports',
  title: 'What does a block of ports cost, and is it nobody else’s?',
  method:
    `Blocks of ${BLOCK} ports are taken and returned, one at a time, on ranges of ${BLOCKS} blocks: an empty one, one of which this ` +
    `process holds all but one block, and one of which another process does. ${ROUNDS} rounds of ${CALLS} blocks each, taking turns. ` +
    'Taken means locked, found free and listened on, all five. *First of a new pool* also opens the pool, which reads the lock folder. ' +
    `Then ${PROCESSES} processes ask for ${BLOCKS_EACH} blocks each of one range that has room for exactly as many, all at once. ` +
    `Each then listens on all of its ports, ${BOOT_MS} ms later, as an agent that boots would. ` +
    `get-port, whose locks hold within one process, is asked for as many single ports of the same range by as many processes: ` +
    'once as its documentation shows it, in order, and once from a random place on. A conflict is ' +
    'a port that somebody else had by then.',
  measure: async (folder) => {
    const cost = await measureCost(folder);
    const race = await measureRaces(folder);
    return { tables: [cost.table, race.table], findings: [...cost.findings, ...race.findings] };
  },
};

interface Samples {
  readonly name: string;
  readonly pool: PortPool;
  readonly take_ms: number[][];
  readonly return_ms: number[][];
}

async function timeBlocks({ pool, take_ms, return_ms }: Samples): Promise<void> {
  const [taking, returning]: [number[], number[]] = [[], []];
  for (let call = 0; call < CALLS; call += 1) {
    const asked_ms = performance.now();
    const lease = await pool.lease('bench');
    const had_ms = performance.now();
    await lease[Symbol.asyncDispose]();
    taking.push(had_ms - asked_ms);
    returning.push(performance.now() - had_ms);
  }
  take_ms.push(taking);
  return_ms.push(returning);
}

async function fillButOne(pool: PortPool): Promise<void> {
  const leases: PortLease[] = [];
  for (let block = 0; block < BLOCKS; block += 1) leases.push(await pool.lease('filler'));
  await leases[BLOCKS / 2]?.[Symbol.asyncDispose]();
}

async function measureCost(parent: string): Promise<{ readonly table: Table; readonly findings: readonly string[] }> {
  await using stack = new AsyncDisposableStack();
  const folders = ['empty', 'own', 'other'].map((name) => folderIn(parent, name));
  const [emptyFolder = '', ownFolder = '', otherFolder = ''] = folders;
  const open = async (index: number, folder: string) => stack.use(await openPortPool(rangeAt(index), { folder }));
  const own = await open(1, ownFolder);
  await fillButOne(own);
  const holder = stack.use(
    startChild('ports-child.ts', {
      way: 'leases',
      plan: { ...rangeAt(2), last: rangeAt(2).last - BLOCK },
      folder: otherFolder,
      blocks: BLOCKS - 1,
      boot_ms: 0,
    } satisfies PortsQuestion),
  );
  await holder.line();
  holder.tell();
  const held = (await holder.line()) as PortsAnswer;
  if (held.ports.length !== (BLOCKS - 1) * BLOCK) throw new Error(`The other process got ${held.ports.length} ports.`);
  const all: readonly Samples[] = [
    { name: 'none held', pool: await open(0, emptyFolder), take_ms: [], return_ms: [] },
    { name: `${BLOCKS - 1} of ${BLOCKS} held by this process`, pool: own, take_ms: [], return_ms: [] },
    {
      name: `${BLOCKS - 1} of ${BLOCKS} held by another`,
      pool: await open(2, otherFolder),
      take_ms: [],
      return_ms: [],
    },
  ];
  for (const each of all) await timeBlocks(each);
  for (const each of all) {
    each.take_ms.length = 0;
    each.return_ms.length = 0;
  }
  for (let round = 0; round < ROUNDS; round += 1) for (const each of all) await timeBlocks(each);

  const cold = [await timeFirst(0, emptyFolder), await timeFirst(2, otherFolder)] as const;
  const medianOf = (rounds: readonly (readonly number[])[]): number => median(rounds.map(median));
  const [base] = all.map(({ take_ms }) => medianOf(take_ms));
  const [baseReturn] = all.map(({ return_ms }) => medianOf(return_ms));
  const rows = all.map(({ name, take_ms, return_ms }) => [
    name,
    show(medianOf(take_ms)),
    showSpread(take_ms.map(median)),
    showRatio(medianOf(take_ms), base ?? Number.NaN),
    show(medianOf(return_ms)),
    showRatio(medianOf(return_ms), baseReturn ?? Number.NaN),
    String(ROUNDS * CALLS),
  ]);
  const coldRow = (name: string, samples: readonly number[]): string[] => [
    name,
    show(median(samples)),
    showSpread(samples),
    showRatio(median(samples), median(cold[0])),
    '–',
    '–',
    String(samples.length),
  ];
  const ratios = all.slice(1).map(({ take_ms }) => medianOf(take_ms) / (base ?? Number.NaN));
  return {
    table: {
      caption: `milliseconds for a block of ${BLOCK}; medians, ${ROUNDS} interleaved rounds`,
      columns: ['', 'take', 'rounds from–to', 'over none held', 'return', 'over none held', 'blocks timed'],
      rows: [
        ...rows,
        coldRow('first of a new pool, none held', cold[0]),
        coldRow(`first of a new pool, ${BLOCKS - 1} held by another`, cold[1]),
      ],
    },
    findings: [
      `With ${BLOCKS - 1} of ${BLOCKS} blocks held, taking one costs ${ratios.map((ratio) => `${ratio.toFixed(2)} times`).join(' (this process) and ')} (another) what it costs with none held.`,
    ],
  };
}

async function timeFirst(index: number, folder: string): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let call = 0; call < COLD_CALLS; call += 1) {
    const begun_ms = performance.now();
    await using pool = await openPortPool(rangeAt(index), { folder });
    await pool.lease('bench');
    samples.push(performance.now() - begun_ms);
  }
  return samples;
}

const WAYS: readonly { readonly way: PortsQuestion['way']; readonly name: string }[] = [
  { way: 'leases', name: 'muster’s leases' },
  { way: 'get-port', name: 'get-port, in order' },
  { way: 'get-port-shuffled', name: 'get-port, from a random place' },
];

async function measureRaces(parent: string): Promise<{ readonly table: Table; readonly findings: readonly string[] }> {
  const results = new Map<string, (readonly PortsAnswer[])[]>(WAYS.map(({ name }) => [name, []]));
  for (let round = 0; round < RACES; round += 1) {
    for (const { way, name } of WAYS) {
      results.get(name)?.push(await race(way, folderIn(parent, `race-${way}-${round}`)));
    }
  }
  const wanted = PROCESSES * BLOCKS_EACH * BLOCK * RACES;
  const rows = [...results].map(([name, rounds]) => {
    const answers = rounds.flat();
    const conflicts = answers.reduce((sum, each) => sum + each.conflicts, 0);
    const hurt = answers.filter((each) => each.conflicts > 0 || each.refused > 0).length;
    const refused = answers.reduce((sum, each) => sum + each.refused, 0);
    const distinct = rounds.reduce((sum, each) => sum + new Set(each.flatMap((one) => one.ports)).size, 0);
    const slowest = median(rounds.map((each) => Math.max(...each.map((one) => one.ms))));
    return {
      name,
      cells: [count(conflicts), count(refused), `${hurt} of ${answers.length}`, count(distinct), show(slowest)],
      conflicts,
    };
  });
  return {
    table: {
      caption: `${PROCESSES} processes at once, ${BLOCKS_EACH * BLOCK} ports each, ${RACES} races: ${show(wanted)} ports wanted`,
      columns: [
        '',
        'conflicts',
        'blocks refused',
        'processes hurt',
        'distinct ports bound',
        'ms until the last had all',
      ],
      rows: rows.map(({ name, cells }) => [name, ...cells]),
    },
    findings: [
      `Of ${show(wanted)} ports that ${PROCESSES} processes wanted at once, ${rows.map(({ name, conflicts }) => `${count(conflicts)} were lost with ${name}`).join(', ')}.`,
    ],
  };
}

async function race(way: PortsQuestion['way'], folder: string): Promise<readonly PortsAnswer[]> {
  await using stack = new AsyncDisposableStack();
  const asked: PortsQuestion = { way, plan: rangeAt(0), folder, blocks: BLOCKS_EACH, boot_ms: BOOT_MS };
  const racers = Array.from({ length: PROCESSES }, () => stack.use(startChild('ports-child.ts', asked)));
  await Promise.all(racers.map((racer) => racer.line()));
  for (const racer of racers) racer.tell();
  return (await Promise.all(racers.map((racer) => racer.line()))) as PortsAnswer[];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function folderIn(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}
