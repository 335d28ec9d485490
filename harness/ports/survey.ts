/**
 * What has become of every block of a range, for whoever wonders where the ports went. It only reads, wherever reading can
 * tell; a port is bound to find out about it only under its lock, so nothing of a living process is ever in the way.
 */
import { statSync } from 'node:fs';
import type { PortsPlan } from '../model/plan.ts';
import { allStarts, portsOfBlock } from './blocks.ts';
import { isFree } from './free-port.ts';
import { closeClaim, type Found, lookAt, openClaim, releaseLock, takeLock } from './lock-file.ts';
import { defaultLockFolder, prepareLockFolder } from './lock-folder.ts';
import { lockedPorts, lockPath } from './locks.ts';

export type BlockState =
  | 'free'
  | 'held'
  /** Its owner is dead; the next lease takes it over. */
  | 'abandoned'
  /** Nobody of muster has it, and yet another program uses one of its ports. */
  | 'spent'
  /** It holds a port that is never to be used. */
  | 'excluded';

export interface Holder {
  readonly alive: boolean;
  /** Nothing where the lock cannot be read, or holds rubbish. */
  readonly pid?: number;
  /** When the process began to lease: by the clock of the machine, which may have been set since. */
  readonly since?: string;
  readonly run?: string;
}

export interface SurveyedBlock {
  readonly first: number;
  readonly last: number;
  readonly state: BlockState;
  /** Several where pools with other block sizes use the same range. */
  readonly holders: readonly Holder[];
  /** What is in use by other programs, and by which, where that is known. */
  readonly spent: readonly { readonly port: number; readonly by?: string }[];
}

export interface Survey {
  readonly blocks: readonly SurveyedBlock[];
  /** Locked, but in no block of this range: of other ranges, or given by the operating system. */
  readonly elsewhere: readonly { readonly port: number; readonly holder: Holder }[];
}

/** What the system tells of ports that are in use. */
export interface PortUse {
  /** Nothing where it does not tell; each port is then asked for by binding it. */
  busy(): { readonly listening: ReadonlySet<number>; readonly connected: ReadonlySet<number> } | undefined;
  who(port: number): string | undefined;
}

const holderOf = (path: string, found: Found): Holder | undefined => {
  if (found.state === 'none') return undefined;
  const alive = found.state === 'held';
  if (found.owner === undefined) return { alive };
  const { pid, run } = found.owner;
  const since = statSync(path, { throwIfNoEntry: false })?.mtime.toISOString();
  return { alive, pid, ...(since === undefined ? {} : { since }), ...(run === undefined ? {} : { run }) };
};

/** A connection may leave the port free for a listener or not: only binding it tells, and that needs its lock. */
const askByBinding = async (ports: readonly number[], folder: string): Promise<ReadonlySet<number>> => {
  const taken = new Set<number>();
  if (ports.length === 0) return taken;
  const claim = openClaim(folder, 'muster ports');
  try {
    for (const port of ports) {
      const path = lockPath(folder, port);
      if (!takeLock(path, claim)) continue;
      try {
        if (!(await isFree(port))) taken.add(port);
      } finally {
        releaseLock(path, claim);
      }
    }
  } finally {
    closeClaim(claim);
  }
  return taken;
};

const usedByOthers = async (ports: readonly number[], use: PortUse, folder: string): Promise<ReadonlySet<number>> => {
  const busy = use.busy();
  const doubtful = busy === undefined ? ports : ports.filter((port) => busy.connected.has(port));
  const listening = ports.filter((port) => busy?.listening.has(port) === true);
  const asked = doubtful.filter((port) => busy?.listening.has(port) !== true);
  return new Set([...listening, ...(await askByBinding(asked, folder))]);
};

const distinct = (holders: readonly Holder[]): Holder[] => [
  ...new Map(holders.map((holder) => [JSON.stringify(holder), holder])).values(),
];

/** Throws `LockFolderError`. */
export const surveyPorts = async (plan: PortsPlan, use: PortUse, folder = defaultLockFolder()): Promise<Survey> => {
  prepareLockFolder(folder);
  const holders = new Map<number, Holder>();
  for (const port of lockedPorts(folder)) {
    const path = lockPath(folder, port);
    const holder = holderOf(path, lookAt(path));
    if (holder !== undefined) holders.set(port, holder);
  }
  const blocks = (plan.from === 'range' ? allStarts(plan) : []).map((first) => portsOfBlock(first, plan.block));
  const excluded = new Set(plan.exclude);
  const unlocked = blocks.flat().filter((port) => !holders.has(port) && !excluded.has(port));
  const used = await usedByOthers(unlocked, use, folder);

  const surveyed = blocks.map((ports): SurveyedBlock => {
    const held = distinct(ports.flatMap((port) => holders.get(port) ?? []));
    const spent = ports
      .filter((port) => used.has(port))
      .map((port) => {
        const by = use.who(port);
        return by === undefined ? { port } : { port, by };
      });
    const state = ((): BlockState => {
      if (held.some(({ alive }) => alive)) return 'held';
      if (ports.some((port) => excluded.has(port))) return 'excluded';
      if (spent.length > 0) return 'spent';
      return held.length > 0 ? 'abandoned' : 'free';
    })();
    return { first: ports[0] ?? 0, last: ports.at(-1) ?? 0, state, holders: held, spent };
  });
  const within = new Set(blocks.flat());
  const elsewhere = [...holders].filter(([port]) => !within.has(port)).map(([port, holder]) => ({ port, holder }));
  return { blocks: surveyed, elsewhere: elsewhere.sort((a, b) => a.port - b.port) };
};
