/**
 * The locks of a range, as one pool sees them: those that it takes itself, and those that are there already. Who has which is
 * read from the folder at once where that is enough: to try each lock of a full range would cost more than all of the rest.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Claim, lookAt, releaseLock, takeLock } from './lock-file.ts';

export interface Locks {
  /** False when a living process holds it. */
  take(port: number): boolean;
  release(ports: readonly number[]): void;
}

export const lockPath = (folder: string, port: number): string => join(folder, `${port}.lock`);

export const openLocks = (folder: string, claim: Claim): Locks => ({
  take: (port) => takeLock(lockPath(folder, port), claim),
  release: (ports) => {
    for (const port of ports) releaseLock(lockPath(folder, port), claim);
  },
});

const LOCK_NAME = /^\d+\.lock$/;

/** Ports with a lock, be it of a living process or not. */
export const lockedPorts = (folder: string): ReadonlySet<number> =>
  new Set(readdirSync(folder).flatMap((name) => (LOCK_NAME.test(name) ? Number.parseInt(name, 10) : [])));

/** Looks into the lock, too: whether there is a living owner, or one that muster cannot know. */
export const isHeld = (folder: string, port: number): boolean => lookAt(lockPath(folder, port)).state === 'held';
