/**
 * Whether somebody talks to an agent in a process of its own. Nobody counts its requests, but the kernel lists its
 * connections, and those that were closed for up to a minute more (TIME_WAIT), so whoever looks more often misses none.
 */
import { readFileSync } from 'node:fs';
import { HAS_PROC } from './process-table.ts';

export interface UseWatch {
  /** Muster itself has just asked for the card, over a connection of its own. */
  countOwn(): void;
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
/** So many sessions are looked at in one go that the table is read once for all of them. */
const FRESH_MS = 50;

let table: readonly Connection[] = [];
let read_ms = Number.NEGATIVE_INFINITY;

const connections = (): readonly Connection[] => {
  const now_ms = performance.now();
  if (now_ms - read_ms > FRESH_MS) {
    table = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(readTable);
    read_ms = now_ms;
  }
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

/** The clients of a port by their own port, and whether each is connected still. Either end may be the one that is listed. */
const clientsOf = (port: number): ReadonlyMap<number, boolean> => {
  const clients = new Map<number, boolean>();
  for (const { local, remote, state } of connections()) {
    const client = portOf(local) === port ? portOf(remote) : portOf(remote) === port ? portOf(local) : undefined;
    if (client !== undefined) clients.set(client, clients.get(client) === true || state === ESTABLISHED);
  }
  return clients;
};

export const watchUse = (port: number): UseWatch => {
  let known = HAS_PROC ? clientsOf(port) : new Map<number, boolean>();
  let own = 0;
  const used = (): boolean => {
    const now = clientsOf(port);
    const come = [...now.keys()].filter((client) => !known.has(client)).length;
    const stayed = [...now].some(([client, connected]) => connected && known.has(client));
    const answer = come > own || stayed;
    known = now;
    own = 0;
    return answer;
  };
  return {
    countOwn: () => {
      own += 1;
    },
    forget: () => {
      if (HAS_PROC) used();
    },
    ...(HAS_PROC ? { used } : {}),
  };
};
