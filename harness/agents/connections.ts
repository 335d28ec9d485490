/**
 * Whether somebody talks to an agent in a process of its own. Nobody counts its requests, but the kernel lists its
 * connections, and those that were closed for up to a minute more (TIME_WAIT), so whoever looks more often misses none.
 */
import { readFileSync } from 'node:fs';
import { HAS_PROC } from './process-table.ts';

export interface UseWatch {
  /** The agent was started anew: what was before is not looked at any more. */
  forget(): void;
  /** Nothing where there is no /proc. */
  used?(): boolean;
}

interface Connection {
  readonly local: string;
  readonly remote: string;
  readonly state: string;
}

const ESTABLISHED = '01';
const LISTEN = '0A';
/** Longer than a closed connection is listed. */
const LISTED_MS_MAX = 120_000;

/** The ports from which muster itself asked for cards, with the time of asking. */
const own = new Map<number, number>();

/** How many questions of muster's own are on their way to a port, from where is not known yet. */
const onTheWay = new Map<number, number>();

/** Told of each question for a card, or that would be taken for somebody's use. */
export interface OwnQuestion {
  connectedFrom(port: number): void;
  /** Also where it never connected. */
  over(): void;
}

export const noteQuestion = (to: number): OwnQuestion => {
  let isOnTheWay = true;
  onTheWay.set(to, (onTheWay.get(to) ?? 0) + 1);
  const arrive = (): void => {
    if (!isOnTheWay) return;
    isOnTheWay = false;
    const others = (onTheWay.get(to) ?? 1) - 1;
    if (others === 0) onTheWay.delete(to);
    else onTheWay.set(to, others);
  };
  return {
    connectedFrom: (port) => {
      own.set(port, performance.now());
      arrive();
    },
    over: arrive,
  };
};

const forgetOwnPorts = (): void => {
  const oldest_ms = performance.now() - LISTED_MS_MAX;
  for (const [port, noted_ms] of own) {
    // In the order of noting, so the rest is younger.
    if (noted_ms > oldest_ms) return;
    own.delete(port);
  }
};

let table: readonly Connection[] | undefined;

/** Hundreds of agents are looked at in one go, and the table is read once for all of them. */
const connections = (): readonly Connection[] => {
  if (table !== undefined) return table;
  forgetOwnPorts();
  table = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(readTable);
  setImmediate(() => {
    table = undefined;
  });
  return table;
};

const readTable = (path: string): Connection[] => {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields.length > 3 && fields[3] !== LISTEN)
      .map(([, local = '', remote = '', state = '']) => ({ local, remote, state }));
  } catch {
    return [];
  }
};

const portOf = (address: string): number => Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);

/**
 * Who but muster is a client of a port, by the client's own port, and whether he is connected still. Either end may be the
 * one that is listed.
 */
const clientsOf = (port: number): ReadonlyMap<number, boolean> => {
  const clients = new Map<number, boolean>();
  for (const { local, remote, state } of connections()) {
    const client = portOf(local) === port ? portOf(remote) : portOf(remote) === port ? portOf(local) : undefined;
    if (client !== undefined && !own.has(client))
      clients.set(client, clients.get(client) === true || state === ESTABLISHED);
  }
  return clients;
};

export const watchUse = (port: number): UseWatch => {
  if (!HAS_PROC) return { forget: () => {} };
  let known = clientsOf(port);
  const used = (): boolean => {
    const now = clientsOf(port);
    const strangers = [...now].filter(([client, connected]) => connected || !known.has(client)).length;
    const ownOnes = onTheWay.get(port) ?? 0;
    const answer = strangers > ownOnes;
    // The kernel knows of a connection before its client does: which is whose, the next look tells.
    if (answer || ownOnes === 0) known = now;
    return answer;
  };
  const forget = (): void => {
    known = clientsOf(port);
  };
  return { forget, used };
};
