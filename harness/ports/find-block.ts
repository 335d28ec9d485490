/**
 * Which block to try next. What this pool holds it knows, and what others hold it has read from the lock folder; so a block is
 * found as quickly in a full range as in an empty one. All of that is a guess: only the lock says whose a block is.
 */
import type { PortsPlan } from '../model/plan.ts';
import { blockStarts, firstPlace, portsOfBlock } from './blocks.ts';
import { portsFromSystem } from './free-port.ts';
import { type HeldSocket, holdPorts } from './hold-port.ts';
import { isHeld, type Locks, lockedPorts } from './locks.ts';

export interface Finder {
  /** Locked and held; nothing when there is no block to be had. Told of blocks that other programs use. */
  find(onPassedOver: (ports: readonly number[]) => void): Promise<readonly HeldSocket[] | undefined>;
  /** The ports of a block that `find` gave are no longer held. */
  forget(ports: readonly number[]): void;
  /** How many blocks there are in all. */
  readonly blocks: number;
}

/** A block lost to a process that then lost it too is free after all; the second look finds it. */
const LOOKS = 2;
const SYSTEM_TRIES = 10;
/** Dynamic ports are 49152–65535 (RFC 6335); where a system has more, that many suffice. */
const SYSTEM_PORTS = 16_384;

type Tried = { readonly held: readonly HeldSocket[] } | 'locked' | 'in-use';

/** Locks first and binds afterwards: a port that is not ours must not be bound, not even for a moment. */
const takeBlock = async (ports: readonly number[], locks: Locks): Promise<Tried> => {
  const taken: number[] = [];
  try {
    for (const port of ports) {
      if (!locks.take(port)) {
        locks.release(taken);
        return 'locked';
      }
      taken.push(port);
    }
    const held = await holdPorts(ports);
    if (held !== undefined) return { held };
  } catch (error) {
    locks.release(taken);
    throw error;
  }
  locks.release(taken);
  return 'in-use';
};

export const findInRange = (plan: PortsPlan, locks: Locks, folder: string): Finder => {
  const starts = blockStarts(plan);
  const own = new Set<number>();
  /** Held by others or in use, as far as is known. */
  let passedOver: Set<number> | undefined;
  let place = firstPlace(process.pid, starts.length);

  const blocksWith = (isTaken: (port: number) => boolean): Set<number> =>
    new Set(starts.filter((first) => !own.has(first) && portsOfBlock(first, plan.block).some(isTaken)));
  const glance = (): Set<number> => {
    const locked = lockedPorts(folder);
    return blocksWith((port) => locked.has(port));
  };
  /** What a glance took for held may be the lock of a dead process. */
  const lookClosely = (): Set<number> => {
    const locked = lockedPorts(folder);
    return blocksWith((port) => locked.has(port) && isHeld(folder, port));
  };

  const next = (known: ReadonlySet<number>): number | undefined => {
    for (let looked = 0; looked < starts.length; looked += 1) {
      const first = starts[place];
      // Going on from here, not from the start: a port just returned may still have connections that time out.
      place = (place + 1) % starts.length;
      if (first !== undefined && !own.has(first) && !known.has(first)) return first;
    }
    return undefined;
  };

  return {
    blocks: starts.length,
    forget: ([first = 0]) => own.delete(first),
    async find(onPassedOver) {
      let glanced = passedOver === undefined;
      let known = passedOver ?? glance();
      passedOver = known;
      for (let looks = 0; ; ) {
        const first = next(known);
        if (first === undefined) {
          if (looks === LOOKS) return undefined;
          looks += 1;
          known = lookClosely();
          passedOver = known;
          continue;
        }
        // Before anything is awaited: another search of this pool must not come here.
        own.add(first);
        const ports = portsOfBlock(first, plan.block);
        const tried = await takeBlock(ports, locks).catch((error: unknown) => {
          own.delete(first);
          throw error;
        });
        if (typeof tried === 'object') return tried.held;
        own.delete(first);
        if (tried === 'in-use') onPassedOver(ports);
        if (tried === 'locked' && !glanced) {
          glanced = true;
          for (const each of glance()) known.add(each);
        }
        known.add(first);
      }
    },
  };
};

export const findFromSystem = (plan: PortsPlan, locks: Locks): Finder => {
  const excluded = new Set(plan.exclude);
  return {
    blocks: Math.floor(SYSTEM_PORTS / plan.block),
    forget: () => {},
    async find() {
      for (let tries = 0; tries < SYSTEM_TRIES; tries += 1) {
        const taken: number[] = [];
        try {
          await portsFromSystem(plan.block, plan.block + 20, (port) => {
            if (excluded.has(port) || !locks.take(port)) return false;
            taken.push(port);
            return true;
          });
          const held = taken.length === plan.block ? await holdPorts(taken.sort((a, b) => a - b)) : undefined;
          if (held !== undefined) return held;
        } catch (error) {
          locks.release(taken);
          throw error;
        }
        locks.release(taken);
      }
      return undefined;
    },
  };
};
