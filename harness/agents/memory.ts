/** What memory the processes of agents have, as the kernel counts it. Only where there is a /proc. */
import { readFileSync } from 'node:fs';
import { membersOf, sessionLedBy } from './process-table.ts';

export interface Memory {
  readonly processes: number;
  readonly memory_mb: number;
  /** `pss` counts a page that n processes share as an nth for each. Linux may keep that to itself, and then it is `rss`. */
  readonly memory_is: 'pss' | 'rss';
}

const KB_PER_MB = 1024;

/** In kB, from a file of /proc with lines such as `Pss:  1234 kB`. */
const read = (path: string, name: string): number | undefined => {
  try {
    const [, found] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(path, 'utf8')) ?? [];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
};

/** Of all processes in the sessions that these lead; nothing when none of them could be looked at. */
export const memoryOf = (leaders: readonly number[]): Memory | undefined => {
  const pids = leaders.flatMap((leader) => membersOf(sessionLedBy(leader)).map(({ pid }) => pid));
  const pss = pids.map((pid) => read(`/proc/${pid}/smaps_rollup`, 'Pss'));
  const isPss = pss.every((kb) => kb !== undefined);
  const all = isPss ? pss : pids.map((pid) => read(`/proc/${pid}/status`, 'VmRSS'));
  const known = all.filter((kb) => kb !== undefined);
  if (known.length === 0) return undefined;
  const kb = known.reduce((sum, each) => sum + each, 0);
  return {
    processes: known.length,
    memory_mb: Math.round((kb / KB_PER_MB) * 10) / 10,
    memory_is: isPss ? 'pss' : 'rss',
  };
};
