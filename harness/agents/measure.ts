/**
 * What the processes of an agent have, looked at from outside when they have come to rest: a connection that its client has closed
 * is a descriptor of the agent for some moments more, and a leak only where it stays. Only where there is a /proc.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessMeasures } from '../model/process-measures.ts';
import { countDescriptors } from './descriptors.ts';
import { connectionsTo } from './listeners.ts';
import { memoryOf } from './memory.ts';
import { membersOf, type Session } from './process-table.ts';

const LOOK_MS = 10;
/** So many looks without a change are rest. */
const LOOKS_AT_REST = 3;
const LOOKS_MAX = 25;

export const measureSession = async (session: Session): Promise<ProcessMeasures | undefined> => {
  const pids = membersOf(session).map(({ pid }) => pid);
  let least = countBoth(pids);
  for (let looks = 0, same = 0; looks < LOOKS_MAX && same < LOOKS_AT_REST; looks += 1) {
    await delay(LOOK_MS);
    const now = countBoth(pids);
    same = ownOf(now) < ownOf(least) ? 0 : same + 1;
    if (ownOf(now) < ownOf(least)) least = now;
  }
  const memory = memoryOf([session.leader]);
  return memory === undefined ? undefined : { ...memory, ...least };
};

type Counts = Pick<ProcessMeasures, 'descriptors' | 'connections'>;

const countBoth = (pids: readonly number[]): Counts => ({
  descriptors: countDescriptors(pids),
  connections: connectionsTo(pids),
});

const ownOf = ({ descriptors, connections }: Counts): number => descriptors - connections;
