/**
 * Brings many agents up in this very process, as sessions or in a bare loop, and takes them down again. Tells how long that
 * took and what it held. Needs --expose-gc.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { findFixture } from '../fixtures/table.ts';
import { openSessions } from '../harness/cli/open-sessions.ts';
import { DEFAULT_PORTS } from '../harness/plan/defaults.ts';
import { openPortPool } from '../harness/ports/port-pool.ts';

export interface SessionsQuestion {
  readonly side: 'sessions' | 'bare';
  readonly sessions: number;
  readonly agents: number;
  /** For locks, so that all ports of the range are this process's. */
  readonly folder: string;
}

export interface SessionsAnswer {
  readonly up_ms: number;
  /** CPU time of bringing up: wall time tells as much of whoever else uses the machine. */
  readonly up_cpu_s: number;
  readonly down_ms: number;
  readonly heap_mb: number;
  readonly rss_mb: number;
  /** Agents whose card was read over HTTP when all were up. */
  readonly cards: number;
  /** Blocks that could be leased at once when everything was down; 0 for the bare loop, which leases none. */
  readonly leasable: number;
}

interface Up extends AsyncDisposable {
  readonly urls: readonly string[];
}

/** Above the last port that `fetch` refuses (10080). */
const FIRST_PORT = 11_000;
const OPEN_AT_ONCE = 8;

const question = JSON.parse(process.argv[2] ?? '') as SessionsQuestion;
const { side, sessions: count, agents, folder } = question;
process.env['TMPDIR'] = folder;
const ports = {
  ...DEFAULT_PORTS,
  first: FIRST_PORT,
  last: FIRST_PORT + count * agents - 1,
  block: agents,
  spacing: agents,
  exclude: [],
};
// What both need is loaded before either is measured, and one agent has been up.
await using warm = await findFixture('echo')?.start({ port: 0 });
await fetch(`${warm?.url}/.well-known/agent-card.json`).then((card) => card.text());
const before = held();
const began_ms = performance.now();
const began_cpu = process.cpuUsage();
const up = side === 'sessions' ? await openAll() : await loop();
const up_ms = performance.now() - began_ms;
const up_cpu = process.cpuUsage(began_cpu);
const full = held();
const cards = await readAll(up.urls);
const stopped_ms = performance.now();
await up[Symbol.asyncDispose]();
const down_ms = performance.now() - stopped_ms;
const answer: SessionsAnswer = {
  up_ms,
  up_cpu_s: (up_cpu.user + up_cpu.system) / 1e6,
  down_ms,
  heap_mb: full.heap_mb - before.heap_mb,
  rss_mb: full.rss_mb,
  cards,
  leasable: side === 'sessions' ? await leaseAll() : 0,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);

/**
 * Each must answer, and name the address that it was asked at. Connections are reset in the end: thousands that were closed in
 * order hold ports for a minute, and slow down who looks for one.
 */
async function readAll(urls: readonly string[]): Promise<number> {
  const sockets: Socket[] = [];
  const connector = buildConnector({});
  const dispatcher = new Agent({
    connect: (options, callback) =>
      connector(options, (...result) => {
        if (result[1] !== null) sockets.push(result[1]);
        callback(...result);
      }),
  });
  const left = urls.values();
  let read = 0;
  const lane = async (): Promise<void> => {
    for (const url of left) {
      const { statusCode, body } = await request(url, { dispatcher });
      const card = await body.text();
      if (statusCode !== 200 || !card.includes(new URL(url).origin))
        throw new Error(`Failed to read the card at ${url}: ${statusCode} ${card.slice(0, 200)}.`);
      read += 1;
    }
  };
  await Promise.all(Array.from({ length: OPEN_AT_ONCE }, lane));
  const closed = sockets.map((socket) => once(socket, 'close'));
  for (const socket of sockets) socket.resetAndDestroy();
  await Promise.all(closed);
  await dispatcher.destroy();
  return read;
}

async function openAll(): Promise<Up> {
  const limits = { sessions_max: count, sessions_per_user_max: 1, starts_per_s_max: 1e9 };
  const sessions = await openSessions({ fixture: 'echo', ports, limits });
  const users = Array.from({ length: count }, (_, index) => `u${index + 1}`).values();
  const lane = async (): Promise<void> => {
    for (const user of users) await sessions.open({ user, agents });
  };
  await Promise.all(Array.from({ length: OPEN_AT_ONCE }, lane));
  const urls = sessions.list().flatMap((session) => session.agents.map(({ url }) => url));
  return { urls, [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose]() };
}

async function loop(): Promise<Up> {
  const echo = findFixture('echo');
  const running = new AsyncDisposableStack();
  const urls: string[] = [];
  for (let index = 0; index < count * agents; index += 1) {
    const agent = await echo?.start({ port: 0 });
    if (agent === undefined) throw new Error('Failed to start the fixture echo: there is none of that name.');
    running.use(agent);
    urls.push(`${agent.url}/.well-known/agent-card.json`);
  }
  return { urls, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function leaseAll(): Promise<number> {
  await using pool = await openPortPool(ports);
  let leased = 0;
  for (; leased < count; leased += 1) await pool.lease('bench');
  return leased;
}

function held(): { readonly heap_mb: number; readonly rss_mb: number } {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap_mb: (heapUsed + external) / 2 ** 20, rss_mb: rss / 2 ** 20 };
}
