/** What the fault proxy costs while no fault is in force: the time to a stream's first event, requests and streams, and memory. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Toxiproxy } from 'toxiproxy-node-client';
import { type Dispatcher, Pool } from 'undici';
import { startToxiproxy, type ToxiproxyServer, whyNoToxiproxy } from '../tests/toxiproxy-server.ts';
import { startChild, startFixture, startServer } from './child.ts';
import type { Benchmark, Table } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';
import type { ProxyUse } from './proxy-child.ts';

const ROUNDS = 5;
const ROUND_MS = 300;
/** Of times to a first event: they are small, and who happens to have the other processor shows in them. */
const FIRST_ROUNDS = 21;
const FIRST_EVENTS = 300;
/** Streams; until then the code of a proxy is not what the engine makes of it later. */
const WARM_UP = 3_000;
const WARM_UP_MS = 1_500;
const CONNECTIONS = [1, 100, 1_000];
const OPEN_STREAMS = 1_000;
const OURS = 'muster’s proxy';

/** One way to the stub. A rival is one more of these. */
interface Side {
  readonly name: string;
  readonly url: string;
  /** What stands in between has used so much; nothing where nothing does. */
  readonly use?: () => Promise<Pick<ProxyUse, 'cpu_s' | 'from_cpu_s' | 'rss_bytes'> & { readonly held_bytes?: number }>;
}

export const proxy: Benchmark = {
  name: 'proxy',
  title: 'What does the fault proxy cost while there is no fault?',
  method:
    'A client in this process, a stub and the proxy in processes of their own, all on the same machine, so they take CPU from each ' +
    `other, most of all at 1,000 connections. ${ROUNDS} rounds, taking turns, after a warm-up of ${WARM_UP} streams. *Time to first event*: ${FIRST_ROUNDS} rounds of ${FIRST_EVENTS} streams, ` +
    'one after the other on a kept-alive connection, from the request to the first bytes of the body, compared with no proxy in the same round; once against the stub, ' +
    'which answers at once, and once against the echo fixture made with the SDK. *Throughput*: ' +
    `${ROUND_MS} ms a round, each connection asking again as soon as it is answered, after ${WARM_UP_MS} ms of the same. CPU is that of the proxy alone. ` +
    '*muster’s tunnel* is the same process passing bytes without reading them, as it does for gRPC. *Bare Node tunnel* is two sockets ' +
    'piped into each other in ten lines: the floor for a proxy in Node. *Toxiproxy* is the real server, built from its source with Go, ' +
    `which passes bytes and reads none, on as many cores as there are. *Memory* is what a proxy holds of ${OPEN_STREAMS} open streams, ` +
    'each with its connections on both sides.',
  measure: async () => {
    await using stub = await startServer('proxy-stub.ts');
    await using toxiproxy = await openToxiproxy();
    await using between = await standBetween(stub.url, toxiproxy);
    const sides: readonly Side[] = [{ name: 'no proxy', url: stub.url }, ...between.sides];
    await using echo = await startEcho();
    await using betweenEcho = await standBetween(echo.url, toxiproxy);
    const echoSides = [{ name: 'no proxy', url: echo.url }, ...betweenEcho.sides];
    const first = [
      ...(await firstEvents('stub', sides, '/stream', { method: 'GET' })),
      ...(await firstEvents('echo fixture', echoSides, echo.path, echo.ask)),
    ];
    const flows: Flow[] = [];
    for (const connections of CONNECTIONS) flows.push(...(await throughput('answers', '/', sides, connections)));
    flows.push(...(await throughput('streams of 5 events', '/stream', sides, 100)));
    const memory = await openStreams(between.sides);
    const added = first.flatMap(({ name, side, added_ms, ratio }) =>
      added_ms === undefined
        ? []
        : [`To the first event of the ${name} ${side} adds ${show(added_ms)} ms (${show((ratio - 1) * 100)} %).`],
    );
    return {
      tables: [firstTable(first), throughputTable(flows.map(({ row }) => row)), memory.table],
      findings: [
        ...added,
        ...perCpuFindings(flows),
        ...memory.findings,
        ...('missing' in toxiproxy ? [`Toxiproxy was left out: ${toxiproxy.missing}`] : []),
      ],
    };
  },
};

interface First {
  readonly name: string;
  readonly side: string;
  readonly row: readonly string[];
  readonly added_ms?: number;
  readonly ratio: number;
}

async function firstEvents(name: string, sides: readonly Side[], path: string, ask: Asking): Promise<First[]> {
  const rounds = new Map<Side, number[]>(sides.map((side) => [side, []]));
  await using pools = openPools(sides, 1);
  for (let round = -1; round < FIRST_ROUNDS; round += 1) {
    for (const side of sides) {
      const times_ms: number[] = [];
      const streams = round < 0 ? WARM_UP : FIRST_EVENTS;
      for (let stream = 0; stream < streams; stream += 1) {
        times_ms.push(await timeStream(pools.of(side), { path, ...ask }));
      }
      if (round >= 0) rounds.get(side)?.push(median(times_ms));
    }
  }
  const plain = rounds.get(sides[0] as Side) ?? [];
  return sides.map((side, index) => {
    const all = rounds.get(side) ?? [];
    const ms = median(all);
    const ratio = median(all.map((each, round) => each / (plain[round] ?? Number.NaN)));
    const added_ms = median(all.map((each, round) => each - (plain[round] ?? Number.NaN)));
    const row = [name, side.name, show(ms), showSpread(all), showRatio(ratio, 1), show(FIRST_ROUNDS * FIRST_EVENTS)];
    return { name, side: side.name, row, ratio, ...(index === 0 ? {} : { added_ms }) };
  });
}

interface Flow {
  readonly what: string;
  readonly connections: number;
  readonly side: string;
  readonly per_cpu_s: number;
  readonly row: readonly string[];
}

/** CPU is counted over all rounds together: the clock of another process ticks in hundredths of a second. */
async function throughput(what: string, path: string, sides: readonly Side[], connections: number): Promise<Flow[]> {
  const rounds = new Map<Side, { readonly per_s: number; readonly cpu_s: number; readonly asked: number }[]>();
  await using pools = openPools(sides, connections);
  for (const side of sides) {
    rounds.set(side, []);
    await runFor(pools.of(side), path, connections, WARM_UP_MS);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of sides) {
      const before = await side.use?.();
      const began_ms = performance.now();
      const asked = await runFor(pools.of(side), path, connections, ROUND_MS);
      const seconds = (performance.now() - began_ms) / 1_000;
      const after = await side.use?.();
      const cpu_s = after && before ? after.cpu_s - before.from_cpu_s : Number.NaN;
      rounds.get(side)?.push({ per_s: asked / seconds, cpu_s, asked });
    }
  }
  const medianOf = (side: Side): number => median((rounds.get(side) ?? []).map(({ per_s }) => per_s));
  const baseline = medianOf(sides[0] as Side);
  return sides.map((side) => {
    const all = rounds.get(side) ?? [];
    const per_s = medianOf(side);
    const asked = sum(all.map((each) => each.asked));
    const per_cpu_s = asked / sum(all.map(({ cpu_s }) => cpu_s));
    const spread = showSpread(all.map((each) => each.per_s));
    const row = [
      what,
      String(connections),
      side.name,
      show(per_s),
      spread,
      showRatio(per_s, baseline),
      show(per_cpu_s),
    ];
    return { what, connections, side: side.name, per_cpu_s, row: [...row, show(asked)] };
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Ours beside every other proxy. */
function perCpuFindings(flows: readonly Flow[]): readonly string[] {
  const ours = flows.filter(({ side }) => side === OURS);
  return ours.map(({ what, connections, per_cpu_s }) => {
    const rivals = flows.filter((flow) => flow.what === what && flow.connections === connections);
    const told = rivals
      .filter(({ side, per_cpu_s: theirs }) => side !== OURS && Number.isFinite(theirs))
      .map(({ side, per_cpu_s: theirs }) => `${showRatio(per_cpu_s, theirs)} those of ${side}`);
    return `Per CPU second ${OURS} passes ${what} (connections: ${connections}), ${told.join(', ')}.`;
  });
}

async function openStreams(
  sides: readonly Side[],
): Promise<{ readonly table: Table; readonly findings: readonly string[] }> {
  const grown: { readonly name: string; readonly held: number; readonly rss: number }[] = [];
  for (const side of sides) grown.push({ name: side.name, ...(await openStreamsOf(side)) });
  const ours = grown.find(({ name }) => name === OURS);
  return {
    table: {
      caption: `${OPEN_STREAMS} open streams, one measurement each, one after the other; KB a stream`,
      columns: ['side', 'held', 'RSS', 'streams'],
      rows: grown.map(({ name, held, rss }) => [name, show(held), show(rss), String(OPEN_STREAMS)]),
    },
    findings: ours === undefined ? [] : [`Of an open stream ${OURS} holds ${show(ours.held)} KB.`],
  };
}

async function openStreamsOf(side: Side): Promise<{ readonly held: number; readonly rss: number }> {
  await using pools = openPools([side], OPEN_STREAMS);
  const before = await side.use?.();
  const leave = new AbortController();
  const reading = Array.from({ length: OPEN_STREAMS }, async () => {
    const { body } = await pools.of(side).request({ method: 'GET', path: '/open', signal: leave.signal });
    body.on('error', () => undefined);
    await once(body, 'readable');
    body.read();
  });
  await Promise.all(reading);
  const after = await side.use?.();
  leave.abort();
  const each_KB = (key: 'held_bytes' | 'rss_bytes'): number =>
    ((after?.[key] ?? Number.NaN) - (before?.[key] ?? Number.NaN)) / OPEN_STREAMS / 1_024;
  return { held: each_KB('held_bytes'), rss: each_KB('rss_bytes') };
}

type Asking = Pick<Dispatcher.RequestOptions, 'method' | 'body' | 'headers'>;

async function timeStream(pool: Pool, options: Asking & { readonly path: string }): Promise<number> {
  const began_ms = performance.now();
  const { body } = await pool.request(options);
  let first_ms = Number.NaN;
  for await (const _chunk of body) if (Number.isNaN(first_ms)) first_ms = performance.now() - began_ms;
  return first_ms;
}

async function runFor(pool: Pool, path: string, connections: number, ms: number): Promise<number> {
  const end_ms = performance.now() + ms;
  let asked = 0;
  const ask = async (): Promise<void> => {
    while (performance.now() < end_ms) {
      const { body } = await pool.request({ method: 'GET', path });
      await body.dump();
      asked += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
  return asked;
}

function openPools(sides: readonly Side[], connections: number): { of(side: Side): Pool } & AsyncDisposable {
  const pools = new Map(sides.map((side) => [side, new Pool(side.url, { connections, pipelining: 1 })]));
  return {
    of(side) {
      const pool = pools.get(side);
      if (pool === undefined) throw new Error(`Failed to measure ${side.name}: it has no pool.`);
      return pool;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

type Toxiproxies = (ToxiproxyServer | { readonly missing: string }) & AsyncDisposable;

async function openToxiproxy(): Promise<Toxiproxies> {
  const missing = whyNoToxiproxy();
  return missing === undefined ? startToxiproxy() : { missing, [Symbol.asyncDispose]: async () => undefined };
}

/** The same child thrice: as it is used, as a tunnel, and as the least that a proxy in Node can be; and Toxiproxy where it is. */
async function standBetween(
  upstream: string,
  toxiproxy: Toxiproxies,
): Promise<{ readonly sides: readonly Side[] } & AsyncDisposable> {
  const child = startChild('proxy-child.ts', upstream);
  const ways = (await child.line()) as { readonly http: string; readonly bytes: string; readonly bare: string };
  const use = async (): Promise<ProxyUse> => {
    child.tell();
    return (await child.line()) as ProxyUse;
  };
  return {
    sides: [
      { name: OURS, url: ways.http, use },
      { name: 'muster’s tunnel', url: ways.bytes, use },
      { name: 'bare Node tunnel', url: ways.bare, use },
      ...('missing' in toxiproxy ? [] : [await throughToxiproxy(toxiproxy, upstream)]),
    ],
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

async function throughToxiproxy({ url, pid }: ToxiproxyServer, upstream: string): Promise<Side> {
  const { host } = new URL(upstream);
  const name = host.replace(':', '-');
  const { listen } = await new Toxiproxy(url).createProxy({
    name,
    listen: '127.0.0.1:0',
    upstream: host,
  });
  return {
    name: 'Toxiproxy',
    url: `http://${listen}`,
    use: async () => {
      const cpu_s = cpuOf(pid);
      return {
        cpu_s,
        from_cpu_s: cpu_s,
        rss_bytes: Number(/VmRSS:\s+(\d+) kB/.exec(procFile(pid, 'status'))?.[1]) * 1_024,
      };
    },
  };
}

/** Of the columns behind the name (proc(5)) the 12th and 13th, in hundredths of a second. Nothing where there is no /proc. */
function cpuOf(pid: number): number {
  const fields = procFile(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function procFile(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

interface Offered {
  readonly url: string;
  readonly protocolBinding: string;
}

async function startEcho(): Promise<
  { readonly url: string; readonly path: string; readonly ask: Asking } & AsyncDisposable
> {
  const server = await startFixture('echo');
  const { url } = server;
  const served = await fetch(`${url}/.well-known/agent-card.json`);
  const card = (await served.json()) as { readonly supportedInterfaces: readonly Offered[] };
  const found = card.supportedInterfaces.find(({ protocolBinding }) => protocolBinding === 'JSONRPC');
  const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'say hello' }] };
  return {
    url,
    path: new URL(found?.url ?? url).pathname,
    ask: {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'a2a-version': '1.0' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendStreamingMessage', params: { message } }),
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const firstTable = (first: readonly First[]): Table => ({
  caption: `time to first event, ms; medians of ${FIRST_ROUNDS} rounds`,
  columns: ['agent', 'side', 'ms', 'rounds from–to', 'over no proxy', 'streams timed'],
  rows: first.map(({ row }) => row),
});

const throughputTable = (rows: readonly (readonly string[])[]): Table => ({
  caption: `throughput; medians of ${ROUNDS} rounds; more is better`,
  columns: [
    'what',
    'connections',
    'side',
    'per second',
    'rounds from–to',
    'over no proxy',
    'per CPU second of the proxy',
    'timed',
  ],
  rows,
});
