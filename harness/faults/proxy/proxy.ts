/**
 * A proxy that stands in front of one agent and can be told to misbehave as networks do. Without a rule a client must not
 * be able to tell it from the agent; with a rule it does what the rule says and counts it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { FaultFailed } from '../fault.ts';
import { atOrigin } from './card.ts';
import { type Connection, openConnection } from './connection.ts';
import { HEADER_BYTES_MAX } from './exchange.ts';
import { openRuleBook, type ProxyRule, type ProxyRuleHandle, type RuleEffect } from './rules.ts';

export type { ProxyRule, ProxyRuleHandle, RuleEffect } from './rules.ts';

/** All counted since the proxy opened, but for the last three, which are of this moment. */
export interface ProxyCounters extends RuleEffect {
  readonly connections: number;
  readonly requests: number;
  /** Answers of content type text/event-stream. */
  readonly streams: number;
  readonly connections_open: number;
  readonly upstream_connections_open: number;
  readonly bytes_held_now: number;
}

export interface FaultProxy extends AsyncDisposable {
  /** What to give to clients instead of the upstream's base URL: the same path at another origin. */
  readonly url: string;
  /** In force when it returns, for open connections and for new ones. */
  add(rule: ProxyRule): ProxyRuleHandle;
  counters(): ProxyCounters;
}

/**
 * Listens on 127.0.0.1, on a port from the operating system. `upstream` is a base URL, and need not answer yet; the
 * proxy itself speaks HTTP/1.1 without TLS, whatever the agent speaks.
 * Aborting `signal` ends the wait for opening only: cutting live streams on Ctrl-C would look like the agent's fault.
 */
export async function openProxy(options: {
  readonly upstream: string;
  readonly signal: AbortSignal;
}): Promise<FaultProxy> {
  options.signal.throwIfAborted();
  const upstream = upstreamOf(options.upstream);
  const rules = openRuleBook();
  const connections = new Map<Socket, Connection>();
  const counts = { connections: 0, requests: 0, streams: 0 };

  const server = createPlainServer((incoming, outgoing) => {
    counts.requests += 1;
    connections.get(incoming.socket)?.take(incoming, outgoing);
  });
  const proxy = new URL(`http://127.0.0.1:${await listen(server, options.signal)}`);
  server.on('connection', (client: Socket) => {
    counts.connections += 1;
    const noteStream = (): void => {
      counts.streams += 1;
    };
    const connection = openConnection({ client, upstream, proxy, rules, noteStream });
    connections.set(client, connection);
    client.once('close', () => connections.delete(client));
    if (rules.resetsConnection()) connection.reset();
  });

  const rulesChanged = (): void => {
    for (const connection of connections.values()) connection.rulesChanged();
  };
  let closing: Promise<void> | undefined;
  return {
    url: atOrigin(options.upstream, proxy),
    add(rule) {
      const open = [...connections.values()];
      const active = rules.add(
        rule,
        open.flatMap((connection) => connection.streams()),
      );
      if (rule.kind === 'down') for (const connection of open) if (rules.resetsConnection()) connection.reset();
      rulesChanged();
      return {
        rule,
        effect: () => ({ ...active.effect }),
        [Symbol.dispose]() {
          rules.remove(active);
          rulesChanged();
        },
      };
    },
    counters: () => {
      const open = [...connections.values()];
      return {
        ...counts,
        ...rules.totals(),
        connections_open: open.length,
        upstream_connections_open: open.reduce((sum, connection) => sum + connection.upstream_open(), 0),
        bytes_held_now: open.reduce((sum, connection) => sum + connection.held_bytes(), 0),
      };
    },
    async [Symbol.asyncDispose]() {
      closing ??= closeAll(server, connections);
      await closing;
    },
  };
}

/** A server without opinions: every limit and time-out is the agent's to have. */
function createPlainServer(take: (incoming: IncomingMessage, outgoing: ServerResponse) => void): Server {
  const server = createServer({
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
    maxHeaderSize: HEADER_BYTES_MAX,
  });
  // Without listeners of ours Node answers 100, 417 and 400 by itself.
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, take);
  server.on('clientError', (_error, client: Socket) => {
    if (!client.destroyed) client.resetAndDestroy();
  });
  return server;
}

async function listen(server: Server, signal: AbortSignal): Promise<number> {
  server.listen(0, '127.0.0.1');
  try {
    await once(server, 'listening', { signal });
  } catch (error) {
    server.close();
    throw error;
  }
  return (server.address() as AddressInfo).port;
}

async function closeAll(server: Server, connections: ReadonlyMap<Socket, Connection>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await Promise.all([...connections.values()].map((connection) => connection.close()));
  await closed;
}

function upstreamOf(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return url;
  throw new FaultFailed(
    `Failed to open a proxy in front of "${text}": it is no http:// or https:// URL. ` +
      'Give the base URL of the agent, as http://127.0.0.1:5000.',
  );
}
