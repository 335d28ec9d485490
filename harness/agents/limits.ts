/**
 * Makes something scarce for the processes of an agent while they run: `prlimit` lowers the soft limits of processes of the
 * same user, and raises them again, without privileges since the hard limits stay. What is in force is read from /proc.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Scarce } from '../model/live.ts';
import { reasonOf } from '../model/reason-of.ts';
import { HAS_PROC, membersOf, type Session } from './process-table.ts';

interface Resource {
  /** Of `prlimit`. */
  readonly option: string;
  /** Of /proc/PID/limits. */
  readonly row: string;
  limitFor(pid: number, left: number): number;
  /** How often the process is at the limit now. */
  spentBy(pid: number, limit: number): number;
}

const BYTES_PER_KB = 1024;
/** The kernel grants memory in pages, and V8 asks for more than one at once. */
const ROOM_BYTES = 256 * BYTES_PER_KB;
/** `O_WRONLY` or `O_RDWR` among the octal flags of /proc/PID/fdinfo. */
const WRITES = /^flags:\s*\d*[12]$/m;

/** A process, or a descriptor of it, may be gone at any moment. */
const orNothing = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined;
  }
};

/** Nothing of a process that is dead. */
const addressSpaceOf = (pid: number): number | undefined => {
  const status = orNothing(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
  const [, kb] = /^VmSize:\s+(\d+) kB/m.exec(status) ?? [];
  return kb === undefined ? undefined : Number(kb) * BYTES_PER_KB;
};

const fdsOf = (pid: number): string[] => readdirSync(`/proc/${pid}/fd`);

/** The number that a process is given after so many others: always the lowest that is free. */
const freeDescriptor = (pid: number, after: number): number => {
  const open = new Set(fdsOf(pid).map(Number));
  let free = 0;
  for (let fd = 0; ; fd += 1) {
    if (open.has(fd)) continue;
    if (free === after) return fd;
    free += 1;
  }
};

const cannotGrow = (pid: number, fd: string, limit: number): boolean => {
  const path = `/proc/${pid}/fd/${fd}`;
  if (!readlinkSync(path).startsWith('/')) return false;
  const file = statSync(path);
  return file.isFile() && file.size >= limit && WRITES.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'));
};

/** RLIMIT_AS and not RLIMIT_DATA: small things V8 keeps in pages that are writable already, and they are never refused. */
const RESOURCES: Readonly<Record<Scarce, Resource>> = {
  descriptors: {
    option: 'nofile',
    row: 'Max open files',
    limitFor: freeDescriptor,
    spentBy: (pid, limit) => (freeDescriptor(pid, 0) >= limit ? 1 : 0),
  },
  memory: {
    option: 'as',
    row: 'Max address space',
    limitFor: (pid, left) => (addressSpaceOf(pid) ?? 0) + left,
    // Who has died of it has met it.
    spentBy: (pid, limit) => ((addressSpaceOf(pid) ?? limit) + ROOM_BYTES > limit ? 1 : 0),
  },
  'file-size': {
    option: 'fsize',
    row: 'Max file size',
    limitFor: (_pid, left) => left,
    spentBy: (pid, limit) => fdsOf(pid).filter((fd) => orNothing(() => cannotGrow(pid, fd, limit))).length,
  },
};

/** The soft limit, as the kernel writes it: a number, or `unlimited`. */
const softLimit = (pid: number, { row }: Resource): string | undefined =>
  orNothing(() => new RegExp(`^${row}\\s+(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]);

const prlimit = async (pid: number, { option }: Resource, soft: string): Promise<void> => {
  try {
    await promisify(execFile)('prlimit', ['--pid', String(pid), `--${option}=${soft}:`]);
  } catch (error) {
    throw new Error(
      `prlimit could not set the ${option} of process ${pid} to ${soft}: ${reasonOf(error).trim()}. It comes with util-linux`,
    );
  }
};

export interface SessionLimit {
  readonly proof: string;
  spent(): number;
  /** Of processes that still live. */
  restore(): Promise<string>;
}

export const limitSession = async (session: Session, what: Scarce, left: number): Promise<SessionLimit> => {
  if (!HAS_PROC) throw new Error('this system has no /proc that tells of limits: run it on Linux');
  const resource = RESOURCES[what];
  const set: { readonly pid: number; readonly before: string; readonly limit: number }[] = [];
  const restore = async (): Promise<string> => {
    const alive = new Set(membersOf(session).map(({ pid }) => pid));
    const told: string[] = [];
    for (const { pid, before } of set) {
      if (!alive.has(pid)) continue;
      await prlimit(pid, resource, before);
      told.push(`process ${pid} has ${resource.row} ${softLimit(pid, resource) ?? '(gone)'} again`);
    }
    return told.length === 0 ? 'no process is left that had the limit' : told.join(', ');
  };
  try {
    for (const { pid } of membersOf(session)) {
      const before = softLimit(pid, resource);
      const limit = orNothing(() => resource.limitFor(pid, left));
      if (before === undefined || limit === undefined) continue;
      set.push({ pid, before, limit });
      await prlimit(pid, resource, String(limit));
    }
  } catch (error) {
    await restore();
    throw error;
  }
  if (set.length === 0) throw new Error('none of its processes could be looked at');
  const told = set.map(
    ({ pid, before }) => `process ${pid}: ${resource.row} ${before} → ${softLimit(pid, resource) ?? '(gone)'}`,
  );
  return {
    proof: told.join(', '),
    spent: () => set.reduce((sum, { pid, limit }) => sum + (orNothing(() => resource.spentBy(pid, limit)) ?? 0), 0),
    restore,
  };
};
