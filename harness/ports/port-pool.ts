/**
 * Hands out blocks of ports that no other process of muster has. A port is leased exactly while its lock file is there:
 * one file per port, so that runs with other block sizes on the same range cannot clash.
 */
import { join } from 'node:path';
import type { PortEvent, Unstamped } from '../model/history.ts';
import type { PortLease, PortPool } from '../model/live.ts';
import type { PortsPlan } from '../model/plan.ts';
import { blockStarts, firstPlace, portsOfBlock } from './blocks.ts';
import { isFree, portsFromSystem } from './free-port.ts';
import { type Claim, closeClaim, openClaim, releaseLock, takeLock } from './lock-file.ts';
import { defaultLockFolder, prepareLockFolder } from './lock-folder.ts';
import { PortsExhausted } from './ports-exhausted.ts';

/** A block lost to a process that then lost it too is free after all; the second look finds it. */
const PASSES = 2;
const SYSTEM_TRIES = 10;
/** Dynamic ports are 49152–65535 (RFC 6335); where a system has more, that many suffice. */
const SYSTEM_PORTS = 16_384;

export interface PortPoolOptions {
  readonly folder?: string;
  /** At most so many blocks at once. */
  readonly blocks?: number;
  readonly onEvent?: (event: Unstamped<PortEvent>) => void;
}

interface Locks {
  take(port: number): boolean;
  release(ports: readonly number[]): void;
}

const openLocks = (folder: string, claim: Claim): Locks => {
  const pathOf = (port: number) => join(folder, `${port}.lock`);
  return {
    take: (port) => takeLock(pathOf(port), claim),
    release: (ports) => {
      for (const port of ports) releaseLock(pathOf(port), claim);
    },
  };
};

/** Locks first and looks afterwards: a port that is not ours must not be bound, not even for a moment. */
const takeBlock = async (ports: readonly number[], locks: Locks): Promise<boolean> => {
  const taken: number[] = [];
  try {
    for (const port of ports) {
      if (!locks.take(port)) break;
      taken.push(port);
      if (!(await isFree(port))) break;
      if (taken.length === ports.length) return true;
    }
  } catch (error) {
    locks.release(taken);
    throw error;
  }
  locks.release(taken);
  return false;
};

type Finder = () => Promise<readonly number[] | undefined>;

const findInRange = (plan: PortsPlan, starts: readonly number[], locks: Locks): Finder => {
  let place = firstPlace(process.pid, starts.length);
  return async () => {
    for (let looked = 0; looked < starts.length * PASSES; looked += 1) {
      const first = starts[place];
      // Going on from here, not from the start: a port just returned may still have connections that time out.
      place = (place + 1) % starts.length;
      if (first === undefined) return undefined;
      const ports = portsOfBlock(first, plan.block);
      if (await takeBlock(ports, locks)) return ports;
    }
    return undefined;
  };
};

const findFromSystem = (plan: PortsPlan, locks: Locks): Finder => {
  const excluded = new Set(plan.exclude);
  return async () => {
    for (let tries = 0; tries < SYSTEM_TRIES; tries += 1) {
      const taken: number[] = [];
      try {
        await portsFromSystem(plan.block, plan.block + 20, (port) => {
          if (excluded.has(port) || !locks.take(port)) return false;
          taken.push(port);
          return true;
        });
        const free = await Promise.all(taken.map(isFree));
        if (taken.length === plan.block && free.every(Boolean)) return taken.sort((a, b) => a - b);
      } catch (error) {
        locks.release(taken);
        throw error;
      }
      locks.release(taken);
    }
    return undefined;
  };
};

/** The plan must be sound already: whole numbers, `first` ≤ `last`, `block` and `spacing` at least 1. */
export const openPortPool = async (plan: PortsPlan, options: PortPoolOptions = {}): Promise<PortPool> => {
  const folder = options.folder ?? defaultLockFolder();
  prepareLockFolder(folder);
  const claim = openClaim(folder);
  const locks = openLocks(folder, claim);
  const starts = plan.from === 'range' ? blockStarts(plan) : [];
  const find = plan.from === 'range' ? findInRange(plan, starts, locks) : findFromSystem(plan, locks);
  const possible = plan.from === 'range' ? starts.length : Math.floor(SYSTEM_PORTS / plan.block);
  const all = Math.min(options.blocks ?? possible, possible);
  const leases = new Set<PortLease>();
  const searches = new Set<Promise<unknown>>();
  let closed = false;

  const assertOpen = (holder: string) => {
    if (closed) throw new Error(`Failed to lease ports for "${holder}": the pool is closed.`);
  };

  const refuse = (holder: string, held: number): PortsExhausted => {
    const error = new PortsExhausted(plan, holder, held, all);
    const { message } = error;
    options.onEvent?.({ type: 'port', phase: 'refused', holder, blocks_held: held, blocks_all: all, message });
    return error;
  };

  const grant = (holder: string, ports: readonly number[]): PortLease => {
    const lease: PortLease = {
      ports,
      holder,
      take: () => undefined,
      free: async () => {},
      [Symbol.asyncDispose]: async () => {
        if (!leases.delete(lease)) return;
        locks.release(ports);
        options.onEvent?.({ type: 'port', phase: 'returned', holder, ports });
      },
    };
    leases.add(lease);
    options.onEvent?.({ type: 'port', phase: 'leased', holder, ports });
    return lease;
  };

  return {
    count: () => ({ held: leases.size, all }),
    lease: async (holder) => {
      assertOpen(holder);
      const promised = leases.size + searches.size;
      if (promised >= all) throw refuse(holder, promised);
      const search = find();
      searches.add(search);
      try {
        const ports = await search;
        if (closed && ports !== undefined) locks.release(ports);
        assertOpen(holder);
        if (ports === undefined) throw refuse(holder, leases.size);
        return grant(holder, ports);
      } finally {
        searches.delete(search);
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (closed) return;
      closed = true;
      await Promise.allSettled(searches);
      for (const lease of leases) await lease[Symbol.asyncDispose]();
      closeClaim(claim);
    },
  };
};
