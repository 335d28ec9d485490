/**
 * Locks that hold between processes: a lock is a hard link, made exclusively, to a claim file that says who owns it, so
 * a lock is never seen half-written. The lock of a dead owner is removed only by whoever holds a second lock that is
 * named after that very owner; without it a slow process would remove the fresh lock of a quick one.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LockFolderError } from './lock-folder.ts';
import { isAlive, type Owner, thisProcess } from './owner.ts';

/** The file that all locks of one pool are links to. */
export interface Claim {
  readonly path: string;
  /** In no other claim; part of file names. */
  readonly mark: string;
}

/** What a claim says of itself. */
interface Claimed extends Owner {
  readonly mark: string;
  /** The run that the ports are for. */
  readonly run?: string;
}

export type Found =
  | { readonly state: 'none' }
  /** Without an owner where it cannot be read: it is somebody else's. */
  | { readonly state: 'held'; readonly owner?: Claimed }
  | { readonly state: 'stale'; readonly mark: string; readonly owner?: Claimed };

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const CLAIM_NAME = /^claim-(\d+)-(\d*)-[0-9a-f-]+$/;

/** Claims of processes that were killed; their locks keep their content, for a link outlives its other names. */
const sweepClaims = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const [, pid, started] = CLAIM_NAME.exec(name) ?? [];
    if (pid === undefined || started === undefined) continue;
    if (!isAlive({ pid: Number(pid), started })) rmSync(join(folder, name), { force: true });
  }
};

/** Throws `LockFolderError` where nothing can be written. `run` is for whoever asks who holds a port. */
export const openClaim = (folder: string, run?: string): Claim => {
  const owner = thisProcess();
  const mark = randomUUID();
  const path = join(folder, `claim-${owner.pid}-${owner.started}-${mark}`);
  const content = { ...owner, mark, ...(run === undefined ? {} : { run }) };
  try {
    sweepClaims(folder);
    writeFileSync(path, `${JSON.stringify(content)}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new LockFolderError(folder, `muster cannot write there (${codeOf(error)})`, error);
  }
  return { path, mark };
};

export const closeClaim = (claim: Claim): void => rmSync(claim.path, { force: true });

const parseClaim = (text: string): Claimed | undefined => {
  try {
    const { pid, started, mark, run } = JSON.parse(text) as Record<string, unknown>;
    const sound =
      Number.isSafeInteger(pid) && typeof started === 'string' && typeof mark === 'string' && /^[0-9a-f-]+$/.test(mark);
    if (!sound) return undefined;
    return { pid: pid as number, started, mark, ...(typeof run === 'string' ? { run } : {}) };
  } catch {
    return undefined;
  }
};

/**
 * Rubbish has no owner that could be alive, since claims are whole before they are linked: it is stale, under the name of
 * its inode. What cannot be read at all belongs to somebody else and is let be.
 */
export const lookAt = (path: string): Found => {
  try {
    const owner = parseClaim(readFileSync(path, 'utf8'));
    if (owner === undefined) return { state: 'stale', mark: `rubbish-${statSync(path).ino}` };
    return isAlive(owner) ? { state: 'held', owner } : { state: 'stale', mark: owner.mark, owner };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return { state: 'held' };
    // A link that leads nowhere reads as nothing, and yet no lock can be made in its place.
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.isSymbolicLink() === true ? { state: 'stale', mark: `rubbish-${found.ino}` } : { state: 'none' };
  }
};

const linked = (claim: Claim, path: string): boolean => {
  try {
    linkSync(claim.path, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new Error(
      `Failed to lock "${path}": ${(error as Error).message}. Its folder must be on a file system with hard links, and nobody may clean it while muster runs; if somebody did, start muster again.`,
      { cause: error },
    );
  }
};

/** Never waits. False says that a living process holds the lock or is just taking it. */
export const takeLock = (path: string, claim: Claim): boolean => {
  if (linked(claim, path)) return true;
  const found = lookAt(path);
  if (found.state === 'held') return false;
  if (found.state === 'none') return linked(claim, path);
  // Whoever dies holding the turn leaves a stale lock itself, which is taken over the same way.
  const turn = `${path}.${found.mark}`;
  if (!takeLock(turn, claim)) return false;
  try {
    const again = lookAt(path);
    if (again.state === 'stale' && again.mark === found.mark) unlinkSync(path);
    return linked(claim, path);
  } finally {
    rmSync(turn, { force: true });
  }
};

/** Removes the lock only while it is this claim's. */
export const releaseLock = (path: string, claim: Claim): void => {
  try {
    if (parseClaim(readFileSync(path, 'utf8'))?.mark === claim.mark) unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
};
