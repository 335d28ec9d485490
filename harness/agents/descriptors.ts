/** How many descriptors an agent has open and may have: that it has none left is seen nowhere else but in /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { membersOf, type Session } from './process-table.ts';

export interface Descriptors {
  readonly pid: number;
  readonly open: number;
  readonly limit: number;
}

const LIMIT = /^Max open files\s+(\d+)/m;

const descriptorsOf = (pid: number): Descriptors | undefined => {
  try {
    const limit = LIMIT.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
    return limit === undefined ? undefined : { pid, open: readdirSync(`/proc/${pid}/fd`).length, limit: Number(limit) };
  } catch {
    return undefined;
  }
};

/** Of all these processes together. */
export const countDescriptors = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + (descriptorsOf(pid)?.open ?? 0), 0);

/** Of the process that has the fewest left; nothing where there is no /proc. */
export const fewestDescriptors = (session: Session): Descriptors | undefined =>
  membersOf(session)
    .flatMap(({ pid }) => descriptorsOf(pid) ?? [])
    .sort((a, b) => a.limit - a.open - (b.limit - b.open))[0];
