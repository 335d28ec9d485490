/**
 * One client connection and the one upstream connection behind it: they live and end together, so that keep-alive, idle
 * closes and resets look to the client as they would without a proxy. Nothing of either outlives `close`.
 */
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent as AgentTls } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Exchange, relay } from './exchange.ts';
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

export interface Connection extends Passage {
  take(incoming: IncomingMessage, outgoing: ServerResponse): void;
}

export interface ConnectionOptions {
  readonly client: Socket;
  readonly upstream: URL;
  readonly rewrite: (card: string) => Promise<string | undefined>;
  readonly traffic: Traffic;
  readonly noteStream: () => void;
  /** Opens a connection to the upstream, unless that is where its address says. */
  readonly dial?: () => Socket;
}

export function openConnection(options: ConnectionOptions): Connection {
  const { client, traffic } = options;
  const exchanges = new Set<Exchange>();
  const upstreams = new Set<Socket>();
  let upstreamBroke = false;
  let orphanedBy: ActiveRule | undefined;

  const endIfOrphaned = (): void => {
    const isIdle = exchanges.size === 0 && upstreams.size === 0 && orphanedBy === undefined;
    if (isIdle && !client.destroyed) client.destroySoon();
  };
  // The buffer is taken off the agent's `Keep-Alive: timeout`, and would make the proxy close first.
  const keeping = { keepAlive: true, maxSockets: 1, agentKeepAliveTimeoutBuffer: 0 };
  const agent = options.upstream.protocol === 'https:' ? new AgentTls(keeping) : new Agent(keeping);
  agent.createConnection = () => {
    const socket = options.dial?.() ?? connectTo(options.upstream);
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
  const leaveUpstream = (): void => {
    for (const exchange of exchanges) exchange.abandon();
    for (const socket of upstreams) socket.destroy();
  };
  const hurt = (active: ActiveRule): void => {
    if (client.destroyed || orphanedBy !== undefined) return;
    traffic.rules.hit(active);
    if (active.rule.connections === 'orphan') {
      orphanedBy = active;
      leaveUpstream();
    } else {
      client.resetAndDestroy();
    }
  };
  const way = { ...options, agent, upstreamBroke: () => upstreamBroke, hurt };

  client.once('close', leaveUpstream);

  return {
    take(incoming, outgoing) {
      // Its agent is gone: nobody answers, and nobody says so.
      if (orphanedBy !== undefined) return;
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
    hurt,
    healed(active) {
      if (orphanedBy === active) client.resetAndDestroy();
    },
    rulesChanged() {
      for (const exchange of exchanges) exchange.rulesChanged();
    },
    held_bytes: () => [...exchanges].reduce((sum, exchange) => sum + exchange.held_bytes(), 0),
    upstream_open: () => upstreams.size,
    close: () => closeBoth(client, upstreams),
  };
}

export async function closeBoth(client: Socket, upstreams: Iterable<Socket>): Promise<void> {
  const closed = [client, ...upstreams].map(closing);
  client.destroy();
  await Promise.all(closed);
}

export function connectTo(upstream: URL): Socket {
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
