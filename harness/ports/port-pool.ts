/**
 * Hands out blocks of ports that no other process of muster has. A port is leased exactly while its lock file is there:
 * one file per port, so that runs with other block sizes on the same range cannot clash. And it is held, by a socket that
 * listens, until the agent that it is for takes the socket over or is about to bind the port itself.
 */
import type { PortEvent, Unstamped } from '../model/history.ts';
import type { PortLease, PortPool } from '../model/live.ts';
import type { PortsPlan } from '../model/plan.ts';
import { findFromSystem, findInRange } from './find-block.ts';
import { type HeldSocket, handOver } from './hold-port.ts';
import { closeClaim, openClaim } from './lock-file.ts';
import { defaultLockFolder, prepareLockFolder } from './lock-folder.ts';
import { openLocks } from './locks.ts';
import { PortsExhausted } from './ports-exhausted.ts';

export interface PortPoolOptions {
  readonly folder?: string;
  /** At most so many blocks at once. */
  readonly blocks?: number;
  /** What the ports are for, as `muster ports` tells it. */
  readonly run?: string;
  readonly onEvent?: (event: Unstamped<PortEvent>) => void;
}

/** `giveBack` is called once, when nothing is held any more. */
const leaseOf = (holder: string, sockets: readonly HeldSocket[], giveBack: () => void): PortLease => {
  const held = new Map(sockets.map((socket) => [socket.port, socket]));
  const drop = (port: number): HeldSocket | undefined => {
    const socket = held.get(port);
    held.delete(port);
    return socket;
  };
  let returned: Promise<void> | undefined;
  const giveAllBack = async (): Promise<void> => {
    await Promise.all([...held.keys()].map((port) => drop(port)?.close()));
    giveBack();
  };
  return {
    ports: sockets.map(({ port }) => port),
    holder,
    take: (port) => {
      const socket = drop(port);
      return socket === undefined ? undefined : handOver(socket);
    },
    free: async (port) => drop(port)?.close(),
    [Symbol.asyncDispose]: () => {
      returned ??= giveAllBack();
      return returned;
    },
  };
};

/**
 * The plan must be sound already: whole numbers, `first` ≤ `last`, `block` and `spacing` at least 1. Throws `LockFolderError`
 * where no lock can be made.
 */
export const openPortPool = async (plan: PortsPlan, options: PortPoolOptions = {}): Promise<PortPool> => {
  const folder = options.folder ?? defaultLockFolder();
  prepareLockFolder(folder);
  const claim = openClaim(folder, options.run);
  const locks = openLocks(folder, claim);
  const finder = plan.from === 'range' ? findInRange(plan, locks, folder) : findFromSystem(plan, locks);
  const all = Math.min(options.blocks ?? finder.blocks, finder.blocks);
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

  const grant = (holder: string, sockets: readonly HeldSocket[]): PortLease => {
    const lease = leaseOf(holder, sockets, () => {
      const { ports } = lease;
      leases.delete(lease);
      locks.release(ports);
      finder.forget(ports);
      options.onEvent?.({ type: 'port', phase: 'returned', holder, ports });
    });
    leases.add(lease);
    options.onEvent?.({ type: 'port', phase: 'leased', holder, ports: lease.ports });
    return lease;
  };

  return {
    count: () => ({ held: leases.size, all }),
    lease: async (holder) => {
      assertOpen(holder);
      const promised = leases.size + searches.size;
      if (promised >= all) throw refuse(holder, promised);
      const passOver = (ports: readonly number[]): void =>
        options.onEvent?.({ type: 'port', phase: 'passed-over', holder, ports });
      const search = finder.find(passOver);
      searches.add(search);
      try {
        const sockets = await search;
        if (sockets === undefined) {
          assertOpen(holder);
          throw refuse(holder, leases.size);
        }
        const lease = grant(holder, sockets);
        if (closed) await lease[Symbol.asyncDispose]();
        assertOpen(holder);
        return lease;
      } finally {
        searches.delete(search);
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (closed) return;
      closed = true;
      await Promise.allSettled(searches);
      await Promise.all([...leases].map((lease) => lease[Symbol.asyncDispose]()));
      closeClaim(claim);
    },
  };
};
