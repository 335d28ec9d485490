/**
 * Clients under the same load in turns, so that what slows the machine for a while slows all of them. Muster's own are layers, each the one
 * before it and something more, and what that adds is worked out; rivals are measured from outside.
 */
import { join } from 'node:path';
import { startChild } from './child.ts';
import type { LoadAnswer, LoadClient, LoadQuestion } from './load-child.ts';
import { CORES, type Stub, startStub } from './load-ground.ts';
import { measureRival, type Rival } from './load-rivals.ts';
import type { Table } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';

export const AT_ONCE = 50;

export interface Layer {
  readonly client: LoadClient;
  readonly name: string;
  /** What it does beyond the one before it; nothing for one that stands for itself. */
  readonly adds?: string;
}

/** The client of the SDK, and then muster, step by step. */
export const LAYERS_OF_MUSTER: readonly Layer[] = [
  { client: 'slim', name: 'SDK client over our slim fetch', adds: 'the client of A2A' },
  { client: 'wire', name: 'muster’s wire', adds: 'deadline, outcome, what is written down' },
  { client: 'off', name: 'muster load, checks off', adds: 'scripts, arrivals, measuring' },
  { client: 'history', name: 'muster load, a history and no checks', adds: 'history' },
  { client: 'on', name: 'muster load, history and all checks', adds: 'checks' },
];

export type Side = Layer | Rival;

export interface Measured {
  readonly side: Side;
  readonly rounds: readonly LoadAnswer[];
}

export interface Pace {
  readonly rounds: number;
  /** Of CPU of ours, once; code that has not run for so long is slower than it will be. */
  readonly warm_up_ms: number;
  /** Of a rival, in each of its rounds, for each is a process of its own. */
  readonly rival_warm_up_ms: number;
  readonly for_ms: number;
}

export const PACE: Pace = { rounds: 5, warm_up_ms: 8_000, rival_warm_up_ms: 1_500, for_ms: 2_000 };
export const QUICK_PACE: Pace = { rounds: 1, warm_up_ms: 500, rival_warm_up_ms: 300, for_ms: 500 };

export const METHOD =
  `A stub on a bare socket, pinned to one core, and one client at a time, pinned to the other: ${AT_ONCE} at once over as many connections, ` +
  `${PACE.rounds} rounds of ${PACE.for_ms} ms in turns, after a warm-up of ${PACE.warm_up_ms} ms of its CPU. CPU is that of the client’s process, system time included; of muster from its ` +
  `first user to its last. Rivals are processes that are measured from outside, by what the stub has answered and what the process has used ` +
  `between two moments, the first ${PACE.rival_warm_up_ms} ms after its first request.`;

interface Turn extends AsyncDisposable {
  readonly side: Side;
  readonly measure: () => Promise<LoadAnswer>;
}

export async function measureInTurns(
  folder: string,
  sides: readonly Side[],
  pace: Pace,
  streams: boolean,
): Promise<readonly Measured[]> {
  await using stub = await startStub();
  await using open = new AsyncDisposableStack();
  const turns: Turn[] = [];
  for (const side of sides) {
    if ('client' in side) turns.push(open.use(await warmUp(side, stub, pace, join(folder, side.client), streams)));
    else if (side.missing === undefined) turns.push(turnOfRival(side, stub, pace));
  }
  const rounds = new Map<Side, LoadAnswer[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const { side, measure } of turns) rounds.get(side)?.push(await measure());
  }
  return [...rounds].map(([side, answers]) => ({ side, rounds: answers }));
}

async function warmUp(
  side: Layer,
  { url }: Stub,
  { warm_up_ms, for_ms }: Pace,
  folder: string,
  streams: boolean,
): Promise<Turn> {
  const question: LoadQuestion = { url, client: side.client, streams, at_once: AT_ONCE, warm_up_ms, for_ms, folder };
  const child = startChild('load-child.ts', question, CORES.client);
  await child.line();
  return {
    side,
    async measure() {
      child.tell();
      return (await child.line()) as LoadAnswer;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

function turnOfRival(side: Rival, stub: Stub, { rival_warm_up_ms: warm_up_ms, for_ms }: Pace): Turn {
  return {
    side,
    measure: () => measureRival(side, stub, { warm_up_ms, for_ms }),
    async [Symbol.asyncDispose]() {},
  };
}

type What = 'requests' | 'events';

/** Not a number where it was not measured. */
export const perCpu = ({ rounds }: Measured, what: What): number =>
  median(rounds.map((round) => round[what] / round.cpu_s));

export const ofClient = (all: readonly Measured[], client: LoadClient): Measured | undefined =>
  all.find(({ side }) => 'client' in side && side.client === client);

/** `0.61 × autocannon (1,234 and 2,345 requests)`. */
export function showOver(one: Measured | undefined, rival: Measured | undefined, what: What): string {
  if (one === undefined || rival === undefined || rival.rounds.length === 0) return 'not measured here';
  const [ours, theirs] = [one, rival].map(({ rounds }) => show(rounds.reduce((sum, round) => sum + round[what], 0)));
  return `${showRatio(perCpu(one, what), perCpu(rival, what))} (${ours} and ${theirs} ${what}, ${one.rounds.length} rounds each)`;
}

export function tableOf(all: readonly Measured[], what: What, over: Measured | undefined, caption: string): Table {
  const name = over === undefined ? '' : over.side.name.split(',')[0];
  return {
    caption,
    columns: [
      'client',
      `${what} per CPU second`,
      'rounds from–to',
      `over ${name}`,
      'µs each',
      'adds µs',
      'for',
      what,
      'per second',
    ],
    rows: all.map((one, place) => {
      const { side, rounds } = one;
      if ('missing' in side) return [`${side.name}: ${side.missing}`, ...Array.from({ length: 8 }, () => '–')];
      const before = all[place - 1];
      const micros = 1e6 / perCpu(one, what);
      const adds = 'client' in side && before !== undefined ? side.adds : undefined;
      return [
        side.name,
        show(perCpu(one, what)),
        showSpread(rounds.map((round) => round[what] / round.cpu_s)),
        over === undefined || over.rounds.length === 0 ? '–' : showRatio(perCpu(one, what), perCpu(over, what)),
        show(micros),
        before === undefined || adds === undefined ? '–' : show(micros - 1e6 / perCpu(before, what)),
        adds ?? '–',
        show(rounds.reduce((sum, round) => sum + round[what], 0)),
        show(median(rounds.map((round) => round[what] / round.seconds))),
      ];
    }),
  };
}
