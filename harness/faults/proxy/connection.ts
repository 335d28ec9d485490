/**
 * One client connection and the one upstream connection behind it: they live and end together, so that keep-alive, idle
 * closes and resets look to the client as they would without a proxy. Nothing of either outlives `close`.
 */
import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import {
  abandon,
  begin,
  type Exchange,
  isHolding,
  maySay,
  openExchange,
  rulesChanged,
  say,
  type Way,
} from './exchange.ts';
import { openHeads } from './head.ts';
import { openHeadReader } from './head-reader.ts';
import { hear, upstreamOver } from './hear.ts';
import type { ActiveRule } from './rules.ts';
import type { Traffic } from './traffic.ts';

/** What the proxy can ask of whatever passes through it. */
export interface Passage {
  /** Does to the connection what the rule says: resets it, or lets its client wait for an agent that is gone. */
  hurt(active: ActiveRule): void;
  rulesChanged(): void;
  /** The rule is healed: a client that it let wait is told. */
  healed(active: ActiveRule): void;
  held_bytes(): number;
  upstream_open(): number;
  /** Ends both connections, and resolves when their sockets are closed. */
  close(): Promise<void>;
}

/** Where to connect to, in place of an address. */
export interface Route {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionOptions {
  readonly client: Socket;
  readonly upstream: URL;
  readonly rewrite: (card: string) => Promise<string | undefined>;
  readonly traffic: Traffic;
  readonly noteRequest: () => void;
  readonly noteStream: () => void;
  readonly noteCall?: Way['noteCall'];
  /** Opens a connection to the upstream. */
  readonly dial: () => Socket;
}

/** A client that sends so much ahead of its answers is not read until they have come. */
const WAITING_BYTES_MAX = 1_048_576;

export function openConnection(options: ConnectionOptions): Passage {
  const { client, traffic } = options;
  const heads = openHeads(options.upstream.host);
  const asks = openHeadReader();
  let answers = openHeadReader();
  /** What came before it was its turn: the requests that follow the one under way. */
  let waiting: Buffer[] = [];
  let exchange: Exchange | undefined;
  let upstream: Socket | undefined;
  let isUpstreamOver = false;
  let isTaking = false;
  /** What goes to the agent when all that came has been looked at. */
  let outbox: Buffer | undefined;
  let orphanedBy: ActiveRule | undefined;
  /** Whatever else the client says is heard by nobody. */
  let isDeaf = false;

  const flush = (): void => {
    const bytes = outbox;
    if (bytes === undefined) return;
    outbox = undefined;
    if (upstream === undefined || isUpstreamOver) upstream = dialUp();
    if (!upstream.write(bytes)) client.pause();
  };
  const forward = (bytes: Buffer): void => {
    outbox = outbox === undefined ? bytes : Buffer.concat([outbox, bytes]);
    if (!isTaking) flush();
  };
  const steer = (): void => {
    if (upstream !== undefined) {
      if (client.writableNeedDrain || exchange?.ruled?.isFull() === true) upstream.pause();
      else upstream.resume();
    }
    const isFull = waiting.reduce((sum, { length }) => sum + length, 0) > WAITING_BYTES_MAX;
    if (isFull || upstream?.writableNeedDrain === true || (exchange !== undefined && !maySay(exchange))) client.pause();
    else client.resume();
  };
  const onOver = (): void => {
    exchange = undefined;
    if (isUpstreamOver) client.destroySoon();
    else if (!isTaking && waiting.length > 0) takeWaiting();
  };
  const way: Way = {
    client,
    traffic,
    get heads() {
      return answers;
    },
    readAnswer: heads.answer,
    rewrite: options.rewrite,
    forward,
    hurt: (active) => hurt(active),
    noteStream: options.noteStream,
    noteCall: options.noteCall,
    onRoom: steer,
    onOver,
  };
  /** Returns where it had to stop, since a request under way has all that is its own. */
  const take = (bytes: Buffer): number => {
    let at = 0;
    while (at < bytes.length && !client.destroyed && !isDeaf) {
      if (exchange !== undefined) {
        if (exchange.asking === undefined) return at;
        at = say(exchange, bytes, at);
        continue;
      }
      const found = asks.read(bytes, at);
      if (found === undefined) break;
      at = found.end;
      const request = heads.request(found.text);
      if (request === undefined) throw new Error(`"${found.text.slice(0, 40)}" is no request`);
      options.noteRequest();
      // Its agent is gone: nobody answers, and nobody says so.
      isDeaf = orphanedBy !== undefined;
      if (isDeaf) break;
      exchange = openExchange(request, way);
      begin(exchange);
    }
    return bytes.length;
  };
  const takeNow = (bytes: Buffer): void => {
    isTaking = true;
    try {
      const at = take(bytes);
      if (at < bytes.length) waiting = [bytes.subarray(at)];
    } catch {
      // What cannot be followed cannot be passed on in parts, and an answer of ours would be a lie.
      client.resetAndDestroy();
    }
    isTaking = false;
    flush();
    if (waiting.length > 0 || (exchange !== undefined && !maySay(exchange))) steer();
  };
  const takeWaiting = (): void => {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    takeNow(bytes);
  };
  const hearBytes = (bytes: Buffer): void => {
    try {
      const at = exchange === undefined ? 0 : hear(exchange, bytes, 0);
      if (at < bytes.length && !client.destroyed) client.write(bytes.subarray(at));
    } catch {
      client.resetAndDestroy();
    }
    if (client.writableNeedDrain || exchange?.ruled?.isFull() === true) steer();
    // With the answer the request has become a tunnel.
    if (waiting.length > 0 && exchange?.asking !== undefined) takeWaiting();
  };
  const dialUp = (): Socket => {
    const socket = options.dial();
    let broke = false;
    isUpstreamOver = false;
    answers = openHeadReader();
    const over = (): void => {
      if (isUpstreamOver || socket !== upstream) return;
      isUpstreamOver = true;
      if (orphanedBy === undefined && exchange !== undefined) upstreamOver(exchange, broke);
    };
    // Not before: a request that crosses with the end of an idle connection has the next one for itself.
    const closed = (): void => {
      over();
      if (socket === upstream && exchange === undefined && orphanedBy === undefined) client.destroySoon();
    };
    socket.on('data', hearBytes);
    socket.on('drain', steer);
    socket.once('end', over);
    socket.once('error', () => {
      broke = true;
    });
    socket.once('close', closed);
    return socket;
  };
  const hurt = (active: ActiveRule): void => {
    if (client.destroyed || orphanedBy !== undefined) return;
    traffic.rules.hit(active);
    if (active.rule.connections === 'orphan') {
      orphanedBy = active;
      isDeaf = exchange !== undefined;
      if (exchange !== undefined) abandon(exchange);
      exchange = undefined;
      upstream?.destroy();
    } else {
      client.resetAndDestroy();
    }
  };

  client.on('data', (bytes: Buffer) => {
    if (isDeaf) return;
    const isInTurn = waiting.length === 0 && (exchange === undefined || exchange.asking !== undefined);
    if (isInTurn) {
      takeNow(bytes);
    } else {
      waiting.push(bytes);
      steer();
    }
  });
  client.on('drain', steer);
  client.once('end', () => {
    const isOurs = (exchange !== undefined && isHolding(exchange)) || waiting.length > 0;
    if (upstream === undefined || isUpstreamOver || isOurs || orphanedBy !== undefined) client.destroySoon();
    else upstream.end();
  });
  // Told by `close`; without a listener it would end the process.
  client.on('error', () => undefined);
  client.once('close', () => {
    if (exchange !== undefined) abandon(exchange);
    upstream?.destroy();
  });

  return {
    hurt,
    healed(active) {
      if (orphanedBy === active) client.resetAndDestroy();
    },
    rulesChanged() {
      if (exchange !== undefined) rulesChanged(exchange);
    },
    held_bytes: () => exchange?.ruled?.held_bytes() ?? 0,
    upstream_open: () => (upstream === undefined || upstream.destroyed ? 0 : 1),
    close: () => closeBoth(client, upstream === undefined ? [] : [upstream]),
  };
}

export async function closeBoth(client: Socket, upstreams: Iterable<Socket>): Promise<void> {
  const closed = [client, ...upstreams].map(closing);
  client.destroy();
  await Promise.all(closed);
}

/** By whatever way, it is the upstream that has to show a certificate of its own. */
export function connectTo(upstream: URL, route: Route = routeTo(upstream)): Socket {
  if (upstream.protocol !== 'https:') return connect({ ...route, noDelay: true });
  const { host } = routeTo(upstream);
  const socket = connectTls({
    ...route,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(host, certificate),
  });
  return socket.setNoDelay(true);
}

export function routeTo({ protocol, hostname, port }: URL): Route {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

async function closing(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}
