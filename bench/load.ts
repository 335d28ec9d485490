/** What a load costs who makes it: layer by layer beside autocannon, in streams, in memory, and whether its percentiles are true. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { askChild, type Server, startServer } from './child.ts';
import type { LoadAnswer, LoadClient, LoadQuestion } from './load-child.ts';
import type { HeldAnswer, HeldQuestion } from './load-held-child.ts';
import type { StallAnswer, StallQuestion } from './load-stall-child.ts';
import type { Benchmark, Table } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';

const AT_ONCE = 50;
const ROUNDS = 3;
const WARM_UP_MS = 2_500;
const ROUND_MS = 2_500;
const HELD = [500, 2_000, 8_000];
const STALL = { stall_ms: 200, stall_every_ms: 1_000 };
const STALLED = { rate_per_s: 400, for_ms: 10_000, connections: 20 };

/** The stub has the first core, and the client the second. */
const CORES = availableParallelism() > 1 ? { stub: '0', client: '1' } : { stub: '0', client: '0' };

/** Each is the one above it and something more, but for the first. */
const LAYERS: readonly { readonly client: LoadClient; readonly name: string; readonly adds: string }[] = [
  { client: 'autocannon', name: 'autocannon, which looks at no body', adds: 'a socket' },
  { client: 'undici', name: 'undici’s dispatch, JSON.parse', adds: 'HTTP, JSON' },
  { client: 'slim', name: 'SDK client over our slim fetch', adds: 'the client of A2A' },
  { client: 'wire', name: 'muster’s wire', adds: 'deadline, outcome, what is written down' },
  { client: 'off', name: 'muster load, checks off', adds: 'scripts, arrivals, measuring' },
  { client: 'history', name: 'muster load, a history and no checks', adds: 'history' },
  { client: 'on', name: 'muster load, all checks', adds: 'checks' },
];

type Measured = (typeof LAYERS)[number] & { readonly rounds: readonly LoadAnswer[] };

export const load: Benchmark = {
  name: 'load',
  title: 'What does a load cost?',
  method:
    `A stub on a bare socket, pinned to one core, and each client in a process of its own, pinned to the other: ${AT_ONCE} at once over as many ` +
    `connections for ${ROUND_MS} ms after a warm-up of ${WARM_UP_MS} ms, ${ROUNDS} rounds in turns. CPU is that of the client’s process, system time ` +
    'included; of muster from its first user to its last. Held streams are counted by resident memory after a forced collection, before and with ' +
    'them. wrk2’s correction is worked out from when answers came and the schedule alone.',
  measure: async (folder) => {
    const unary = await measureLayers(folder, LAYERS, false);
    const streams = await measureLayers(folder, LAYERS.slice(1), true);
    const ratio = (name: LoadClient): string => {
      const [one, cannon] = [name, 'autocannon'].map((each) => unary.find(({ client }) => client === each));
      return one && cannon ? showRatio(perCpu(one, 'requests'), perCpu(cannon, 'requests')) : '–';
    };
    return {
      tables: [
        layerTable(unary, 'requests'),
        layerTable(streams, 'events'),
        await heldTable(folder),
        await stallTable(folder),
      ],
      findings: [
        `With the SDK client in the loop and checks off, muster load makes ${ratio('off')} as many requests of a CPU second as autocannon; its wire alone ${ratio('wire')}.`,
        `With a history and all checks it makes ${ratio('on')} as many.`,
      ],
    };
  },
};

async function measureLayers(folder: string, layers: typeof LAYERS, streams: boolean): Promise<readonly Measured[]> {
  await using stub = await startStub({});
  const all = layers.map((layer) => ({ ...layer, rounds: [] as LoadAnswer[] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { client, rounds } of all) {
      const question: LoadQuestion = {
        url: stub.url,
        client,
        streams,
        at_once: AT_ONCE,
        warm_up_ms: WARM_UP_MS,
        for_ms: ROUND_MS,
        folder: join(folder, `${round}-${streams}`),
      };
      rounds.push(await askChild<LoadAnswer>('load-child.ts', question, [], CORES.client));
    }
  }
  return all;
}

const startStub = (question: object): Promise<Server> => startServer('load-stub.ts', question, CORES.stub);

const perCpu = ({ rounds }: Measured, what: 'requests' | 'events'): number =>
  median(rounds.map((round) => round[what] / round.cpu_s));

function layerTable(all: readonly Measured[], what: 'requests' | 'events'): Table {
  const [first] = all;
  return {
    caption: what === 'requests' ? 'SendMessage, one answer each' : 'SendStreamingMessage, ten events each',
    columns: [
      'client',
      `${what} per CPU second`,
      'rounds from–to',
      `over ${first?.client}`,
      'µs each',
      'adds µs',
      'for',
      what,
    ],
    rows: all.map((one, place) => {
      const before = all[place - 1];
      const micros = 1e6 / perCpu(one, what);
      return [
        one.name,
        show(perCpu(one, what)),
        showSpread(one.rounds.map((round) => round[what] / round.cpu_s)),
        first === undefined ? '–' : showRatio(perCpu(one, what), perCpu(first, what)),
        show(micros),
        before === undefined ? '–' : show(micros - 1e6 / perCpu(before, what)),
        one.adds,
        show(one.rounds.reduce((sum, round) => sum + round[what], 0)),
      ];
    }),
  };
}

async function heldTable(folder: string): Promise<Table> {
  const rows: string[][] = [];
  for (const checks of ['off', 'on'] as const) {
    for (const streams of HELD) {
      await using stub = await startStub({});
      const question: HeldQuestion = { url: stub.url, streams, checks, folder };
      const answer = await askChild<HeldAnswer>('load-held-child.ts', question, ['--expose-gc'], CORES.client);
      rows.push([
        `checks ${checks}`,
        show(streams),
        show(answer.held),
        show(answer.rss_kb_each),
        show(answer.heap_kb_each),
      ]);
    }
  }
  return {
    caption: 'SSE streams that stay open after their first event, each on a connection; one round',
    columns: ['muster load', 'streams', 'held', 'KB of RSS each', 'of these heap'],
    rows,
  };
}

async function stallTable(folder: string): Promise<Table> {
  await using stub = await startStub(STALL);
  const question: StallQuestion = { url: stub.url, ...STALLED, folder };
  const { answers, reported, corrected, uncorrected } = await askChild<StallAnswer>(
    'load-stall-child.ts',
    question,
    [],
    CORES.client,
  );
  const row = (name: string, values: readonly (number | null)[]): string[] => [
    name,
    ...values.flatMap((value, place) => [
      show(value ?? Number.NaN),
      showRatio(value ?? Number.NaN, corrected[place] ?? Number.NaN),
    ]),
    show(answers),
  ];
  return {
    caption: `${STALLED.rate_per_s} per second over ${STALLED.connections} connections; the stub answers nobody for ${STALL.stall_ms} of each ${STALL.stall_every_ms} ms`,
    columns: ['from', 'p50 ms', 'over wrk2', 'p95 ms', 'over wrk2', 'p99 ms', 'over wrk2', 'answers'],
    rows: [
      row('wrk2’s correction', corrected),
      row('muster, from due', reported),
      row('no correction, from the send', uncorrected),
    ],
  };
}
