/**
 * One client connection and the one upstream connection behind it: they live and end together, so that keep-alive, idle
 * closes and resets look to the client as they would without a proxy. Nothing of either outlives `close`.
 */
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Exchange, relay } from './exchange.ts';
import type { CountedStream, RuleBook } from './rules.ts';

export interface Connection {
  take(incoming: IncomingMessage, outgoing: ServerResponse): void;
  reset(): void;
  rulesChanged(): void;
  streams(): CountedStream[];
  held_bytes(): number;
  upstream_open(): number;
  /** Ends both connections, and resolves when their sockets are closed. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly client: Socket;
  readonly upstream: URL;
  readonly proxy: URL;
  readonly rules: RuleBook;
  readonly noteStream: () => void;
}

export function openConnection(options: ConnectionOptions): Connection {
  const { client } = options;
  const exchanges = new Set<Exchange>();
  const upstreams = new Set<Socket>();
  let upstreamBroke = false;

  const endIfOrphaned = (): void => {
    if (exchanges.size === 0 && upstreams.size === 0 && !client.destroyed) client.destroySoon();
  };
  // The buffer is taken off the agent's `Keep-Alive: timeout`, and would make the proxy close first.
  const agent = new Agent({ keepAlive: true, maxSockets: 1, agentKeepAliveTimeoutBuffer: 0 });
  agent.createConnection = () => {
    const socket = connectTo(options.upstream);
    upstreams.add(socket);
    upstreamBroke = false;
    socket.once('error', () => {
      upstreamBroke = true;
    });
    socket.once('close', () => {
      upstreams.delete(socket);
      endIfOrphaned();
    });
    if (client.destroyed) socket.destroy();
    return socket;
  };
  const way = { ...options, agent, upstreamBroke: () => upstreamBroke };

  client.once('close', () => {
    for (const exchange of exchanges) exchange.abandon();
    for (const socket of upstreams) socket.destroy();
  });

  return {
    take(incoming, outgoing) {
      let exchange: Exchange;
      try {
        exchange = relay(incoming, outgoing, way);
      } catch {
        // Node refuses to send what it accepted. It cannot reach the agent, and an answer of ours would be a lie.
        client.resetAndDestroy();
        return;
      }
      exchanges.add(exchange);
      outgoing.once('close', () => {
        exchanges.delete(exchange);
        endIfOrphaned();
      });
    },
    reset() {
      if (!client.destroyed) client.resetAndDestroy();
    },
    rulesChanged() {
      for (const exchange of exchanges) exchange.rulesChanged();
    },
    streams: () => [...exchanges].flatMap((exchange) => exchange.stream() ?? []),
    held_bytes: () => [...exchanges].reduce((sum, exchange) => sum + exchange.held_bytes(), 0),
    upstream_open: () => upstreams.size,
    async close() {
      const closed = [client, ...upstreams].map(closing);
      client.destroy();
      await Promise.all(closed);
    },
  };
}

function connectTo(upstream: URL): Socket {
  const isTls = upstream.protocol === 'https:';
  const host = upstream.hostname.replace(/^\[(.*)\]$/, '$1');
  const address = { host, port: Number(upstream.port) || (isTls ? 443 : 80) };
  if (!isTls) return connect({ ...address, noDelay: true });
  const socket = connectTls({
    ...address,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  return socket.setNoDelay(true);
}

async function closing(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}
