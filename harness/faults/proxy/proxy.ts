/**
 * A proxy that stands in front of one agent and can be told to misbehave as networks do. Without a rule a client must not
 * be able to tell it from the agent; with a rule it does what the rule says and counts it.
 */
import type { Socket } from 'node:net';
import type { HeldPort } from '../../model/live.ts';
import { FaultFailed } from '../fault.ts';
import { atOrigin, rewriteCard } from './card.ts';
import { connectTo, openConnection, type Passage, type Route, routeTo } from './connection.ts';
import { type Door, openDoor } from './door.ts';
import type { CallFacts } from './match.ts';
import type { ActiveRule, ProxyRule, RuleEffect } from './rules.ts';
import { openTraffic } from './traffic.ts';
import { openTunnel } from './tunnel.ts';

export type { ProxyRule, RuleEffect } from './rules.ts';

export type OnCall = (facts: CallFacts, body: string) => void;

/** All counted since the proxy opened, but for the last three, which are of this moment. */
export interface ProxyCounters {
  /** What rules did, also healed ones, by their names. */
  readonly effects: Readonly<Record<string, RuleEffect>>;
  readonly connections: number;
  readonly requests: number;
  /** Answers of content type text/event-stream. */
  readonly streams: number;
  readonly connections_open: number;
  readonly upstream_connections_open: number;
  readonly bytes_held_now: number;
}

/** Disposing heals: what was held is released at once, and nothing is lost by it. */
export interface ProxyRuleHandle extends Disposable {
  readonly rule: ProxyRule;
  effect(): RuleEffect;
}

export interface FaultProxy extends AsyncDisposable {
  /** What to give to clients instead of the upstream's base URL: the same path at another origin. */
  readonly url: string;
  /** In force when it returns, for open connections and for new ones; where it shuts the port, once `settled` resolves. */
  add(rule: ProxyRule): ProxyRuleHandle;
  /** Resolves when the ports are shut or open as the rules want it; rejects when one cannot be opened again. */
  settled(): Promise<void>;
  /**
   * The origin of a port that leads to this address, whatever is spoken there; for gRPC. Bytes pass, and rules that need to
   * know what is asked do not hit them. The same address is given the same port.
   */
  tunnelTo(address: URL): Promise<string>;
  counters(): ProxyCounters;
  /** From now on it stands in front of another upstream; connections that are open stay where they are. */
  moveTo(upstream: string): Promise<void>;
}

/**
 * Listens on 127.0.0.1, on a port from the operating system or with the socket of `held`, which is then the proxy's and closed with
 * it, also when it cannot be opened. `upstream` is a base URL, and need not answer yet; `dial` opens the connections to it where it
 * cannot be connected to as it stands, and `route` leads whatever goes to an address by another way, also what a tunnel carries. The
 * proxy itself speaks HTTP/1.1 without TLS, whatever the agent speaks. Aborting `signal` ends the wait for opening only:
 * cutting live streams on Ctrl-C would look like the agent's fault.
 */
export async function openProxy(options: {
  readonly upstream: string;
  readonly held?: HeldPort | undefined;
  readonly dial?: () => Socket;
  readonly route?: (address: URL) => Promise<Route>;
  /** Is told of each call over HTTP/1.1 what it asks for, with its body. */
  readonly onCall?: OnCall | undefined;
  readonly signal: AbortSignal;
}): Promise<FaultProxy> {
  if (options.signal.aborted) await options.held?.close();
  options.signal.throwIfAborted();
  const route = options.route ?? (async (address: URL) => routeTo(address));
  let upstream = upstreamOf(options.upstream);
  let upstreamRoute = await route(upstream);
  /** Connections that are open stay where they are, wherever the proxy moves. */
  const dialer = (): (() => Socket) => {
    const [address, way] = [upstream, upstreamRoute];
    return options.dial ?? (() => connectTo(address, way));
  };
  const traffic = openTraffic();
  const { rules } = traffic;
  const passages = new Map<Socket, Passage>();
  const inForce = new Set<ActiveRule>();
  const tunnels = new Map<string, Promise<Door>>();
  const counts = { connections: 0, requests: 0, streams: 0 };
  let settling: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;

  /** Who enters while a rule is about connections meets it at once. */
  const enter = (client: Socket, passage: Passage): void => {
    counts.connections += 1;
    passages.set(client, passage);
    client.once('close', () => passages.delete(client));
    for (const active of inForce) if (isForAll(active)) passage.hurt(active);
  };
  const noteRequest = (): void => {
    counts.requests += 1;
  };
  const noteStream = (): void => {
    counts.streams += 1;
  };
  const door = await openDoor((client) => {
    const noteCall = options.onCall;
    const notes = { noteRequest, noteStream, noteCall };
    enter(client, openConnection({ client, upstream, rewrite, traffic, ...notes, dial: dialer() }));
  }, options);
  const proxy = new URL(`http://127.0.0.1:${door.port}`);

  const doors = async (): Promise<readonly Door[]> => [door, ...(await Promise.all(tunnels.values()))];
  const settle = async (): Promise<void> => {
    for (const each of await doors()) await (isShut(inForce) ? each.shut() : each.open());
  };
  const openTunnelTo = async (address: URL): Promise<Door> => {
    const way = await route(address);
    const pass = (client: Socket): void => enter(client, openTunnel({ client, ...way, traffic }));
    return await openDoor(pass, { signal: new AbortController().signal });
  };
  const tunnelTo = async (address: URL): Promise<string> => {
    if (closing !== undefined)
      throw new FaultFailed(`Failed to open a tunnel to ${address.host}: the proxy is closed.`);
    const opening = tunnels.get(address.host) ?? openTunnelTo(address);
    tunnels.set(address.host, opening);
    try {
      const opened = await opening;
      if (isShut(inForce)) await opened.shut();
      return `http://127.0.0.1:${opened.port}`;
    } catch (error) {
      tunnels.delete(address.host);
      throw error;
    }
  };
  const rewrite = (card: string): Promise<string | undefined> => rewriteCard(card, { upstream, proxy, tunnelTo });
  const rulesChanged = (): void => {
    for (const passage of passages.values()) passage.rulesChanged();
  };
  const settleIf = ({ connections: about }: ProxyRule): void => {
    if (about !== 'refuse') return;
    settling = settle();
    // Whoever asks is told; nobody needs to ask.
    settling.catch(() => undefined);
  };
  return {
    url: atOrigin(options.upstream, proxy),
    add(rule) {
      const active = rules.add(rule);
      inForce.add(active);
      if (isForAll(active)) for (const passage of [...passages.values()]) passage.hurt(active);
      rulesChanged();
      settleIf(rule);
      return {
        rule,
        effect: () => ({ ...active.effect }),
        [Symbol.dispose]() {
          if (!inForce.delete(active)) return;
          rules.remove(active);
          for (const passage of [...passages.values()]) passage.healed(active);
          rulesChanged();
          settleIf(rule);
        },
      };
    },
    settled: async () => void (await settling),
    tunnelTo,
    async moveTo(address) {
      const next = upstreamOf(address);
      upstreamRoute = await route(next);
      upstream = next;
    },
    counters: () => {
      const open = [...passages.values()];
      return {
        ...counts,
        effects: rules.totals(),
        connections_open: open.length,
        upstream_connections_open: open.reduce((sum, passage) => sum + passage.upstream_open(), 0),
        bytes_held_now: open.reduce((sum, passage) => sum + passage.held_bytes(), 0),
      };
    },
    async [Symbol.asyncDispose]() {
      closing ??= (async () => {
        for (const each of await doors()) await each[Symbol.asyncDispose]();
        await Promise.all([...passages.values()].map((passage) => passage.close()));
      })();
      await closing;
    },
  };
}

function isForAll({ rule }: ActiveRule): boolean {
  return rule.match === undefined && (rule.connections === 'reset' || rule.connections === 'orphan');
}

function isShut(inForce: ReadonlySet<ActiveRule>): boolean {
  return [...inForce].some(({ rule }) => rule.connections === 'refuse');
}

function upstreamOf(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return url;
  throw new FaultFailed(
    `Failed to open a proxy in front of "${text}": it is no http:// or https:// URL. ` +
      'Give the base URL of the agent, as http://127.0.0.1:5000.',
  );
}
