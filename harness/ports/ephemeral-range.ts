/** Which ports the kernel gives to outgoing connections: an agent's port among them may be taken while nobody holds it. */
import { readFileSync } from 'node:fs';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const LINUX = '/proc/sys/net/ipv4/ip_local_port_range';

/** Nothing where the system does not say. */
export const ephemeralRange = (path = LINUX): PortRange | undefined => {
  try {
    const [, first, last] = /^(\d+)\s+(\d+)\s*$/.exec(readFileSync(path, 'utf8')) ?? [];
    return first === undefined || last === undefined ? undefined : { first: Number(first), last: Number(last) };
  } catch {
    return undefined;
  }
};
