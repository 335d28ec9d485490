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

/** Called with each connection of muster's own, or its question for a card would be taken for somebody's use. */
export const noteOwnPort = (port: number): void => void own.set(port, performance.now());

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
    const answer = [...now].some(([client, connected]) => connected || !known.has(client));
    known = now;
    return answer;
  };
  return { forget: used, used };
};
