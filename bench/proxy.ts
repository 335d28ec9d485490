/** What the fault proxy costs while no fault is in force: the time to a stream's first event, requests and streams, and memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Dispatcher, Pool } from 'undici';
import { startChild, startServer } from './child.ts';
import type { Benchmark, Table } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';
import type { ProxyUse } from './proxy-child.ts';

const ROUNDS = 5;
const ROUND_MS = 300;
const FIRST_EVENTS = 100;
const CONNECTIONS = [1, 100, 1_000];
const OPEN_STREAMS = 1_000;

/** One way to the stub. A rival is one more of these. */
interface Side {
  readonly name: string;
  readonly url: string;
  /** What stands in between has used so much; nothing where nothing does. */
  readonly use?: () => Promise<ProxyUse>;
}

export const proxy: Benchmark = {
  name: 'proxy',
  title: 'What does the fault proxy cost while there is no fault?',
  method:
    'A client in this process, a stub and the proxy in processes of their own, all on the same machine, so they take CPU from each ' +
    `other, most of all at 1,000 connections. ${ROUNDS} rounds, taking turns, after a warm-up. *Time to first event*: ${FIRST_EVENTS} streams ` +
    'a round, one after the other on a kept-alive connection, from the request to the first bytes of the body; once against the stub, ' +
    'which answers at once, and once against the echo fixture made with the SDK. *Throughput*: ' +
    `${ROUND_MS} ms a round, each connection asking again as soon as it is answered. CPU is that of the proxy alone. ` +
    '*muster’s tunnel* is the same process passing bytes without reading them, as it does for gRPC: the floor for a proxy in Node. ' +
    `*Memory* is what the proxy holds of ${OPEN_STREAMS} open streams, each with its connections on both sides.`,
  measure: async () => {
    await using stub = await startServer('proxy-stub.ts');
    await using between = await standBetween(stub.url);
    const sides: readonly Side[] = [{ name: 'no proxy', url: stub.url }, ...between.sides];
    await using echo = await startEcho();
    await using betweenEcho = await standBetween(echo.url);
    const first = [
      ...(await firstEvents('stub', sides, '/stream', { method: 'GET' })),
      ...(await firstEvents(
        'echo fixture',
        [{ name: 'no proxy', url: echo.url }, ...betweenEcho.sides],
        echo.path,
        echo.ask,
      )),
    ];
    const rows: string[][] = [];
    for (const connections of CONNECTIONS) rows.push(...(await throughput('answers', '/', sides, connections)));
    rows.push(...(await throughput('streams of 5 events', '/stream', sides, 100)));
    const memory = await openStreams(between.sides[0]);
    const added = first.flatMap(({ name, side, added_ms, ratio }) =>
      added_ms === undefined
        ? []
        : [`To the first event of the ${name} ${side} adds ${show(added_ms)} ms (${show((ratio - 1) * 100)} %).`],
    );
    return {
      tables: [firstTable(first), throughputTable(rows), memory.table],
      findings: [...added, memory.finding],
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
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const side of sides) {
      const times_ms: number[] = [];
      for (let stream = 0; stream < FIRST_EVENTS; stream += 1) {
        times_ms.push(await timeStream(pools.of(side), { path, ...ask }));
      }
      if (round >= 0) rounds.get(side)?.push(median(times_ms));
    }
  }
  const baseline = median(rounds.get(sides[0] as Side) ?? []);
  return sides.map((side, index) => {
    const all = rounds.get(side) ?? [];
    const ms = median(all);
    const row = [name, side.name, show(ms), showSpread(all), showRatio(ms, baseline), show(ROUNDS * FIRST_EVENTS)];
    return { name, side: side.name, row, ratio: ms / baseline, ...(index === 0 ? {} : { added_ms: ms - baseline }) };
  });
}

async function throughput(
  what: string,
  path: string,
  sides: readonly Side[],
  connections: number,
): Promise<string[][]> {
  const rounds = new Map<Side, { readonly per_s: number; readonly per_cpu: number; readonly asked: number }[]>();
  await using pools = openPools(sides, connections);
  for (const side of sides) {
    rounds.set(side, []);
    await runFor(pools.of(side), path, connections, ROUND_MS);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of sides) {
      const before = await side.use?.();
      const began_ms = performance.now();
      const asked = await runFor(pools.of(side), path, connections, ROUND_MS);
      const seconds = (performance.now() - began_ms) / 1_000;
      const after = await side.use?.();
      const cpu_s = after && before ? after.cpu_s - before.from_cpu_s : Number.NaN;
      rounds.get(side)?.push({ per_s: asked / seconds, per_cpu: asked / cpu_s, asked });
    }
  }
  const medianOf = (side: Side): number => median((rounds.get(side) ?? []).map(({ per_s }) => per_s));
  const baseline = medianOf(sides[0] as Side);
  return sides.map((side) => {
    const all = rounds.get(side) ?? [];
    const per_s = medianOf(side);
    return [
      what,
      show(connections),
      side.name,
      show(per_s),
      showSpread(all.map((each) => each.per_s)),
      showRatio(per_s, baseline),
      show(median(all.map(({ per_cpu }) => per_cpu))),
      show(all.reduce((sum, { asked }) => sum + asked, 0)),
    ];
  });
}

async function openStreams(side: Side): Promise<{ readonly table: Table; readonly finding: string }> {
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
    ((after?.[key] ?? 0) - (before?.[key] ?? 0)) / OPEN_STREAMS / 1_024;
  const [held, rss] = [each_KB('held_bytes'), each_KB('rss_bytes')];
  return {
    table: {
      caption: `${OPEN_STREAMS} open streams, one measurement; KB a stream`,
      columns: ['side', 'held', 'RSS'],
      rows: [[side.name, show(held), show(rss)]],
    },
    finding: `Of an open stream the proxy holds ${show(held)} KB; its process grew by ${show(rss)} KB of RSS for each.`,
  };
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

/** The same child twice: as it is used, and as a tunnel, which is what a proxy in Node costs that reads nothing. */
async function standBetween(upstream: string): Promise<{ readonly sides: readonly [Side, Side] } & AsyncDisposable> {
  const child = startChild('proxy-child.ts', upstream);
  const { http, bytes } = (await child.line()) as { readonly http: string; readonly bytes: string };
  const use = async (): Promise<ProxyUse> => {
    child.tell();
    return (await child.line()) as ProxyUse;
  };
  return {
    sides: [
      { name: 'muster’s proxy', url: http, use },
      { name: 'muster’s tunnel', url: bytes, use },
    ],
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

interface Offered {
  readonly url: string;
  readonly protocolBinding: string;
}

async function startEcho(): Promise<
  { readonly url: string; readonly path: string; readonly ask: Asking } & AsyncDisposable
> {
  const serve = fileURLToPath(new URL('../fixtures/serve.ts', import.meta.url));
  const child = spawn(process.execPath, [serve, 'echo'], {
    env: { ...process.env, PORT: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const [text] = await once(child.stdout, 'data');
  const url = /https?:\/\/[\w.:]+/.exec(String(text))?.[0] ?? '';
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
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const firstTable = (first: readonly First[]): Table => ({
  caption: `time to first event, ms; medians of ${ROUNDS} rounds`,
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
