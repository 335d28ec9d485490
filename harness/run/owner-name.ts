/**
 * This process as a word, for labels of what may outlive it. It says of which boot and which process namespace its pid is: what is
 * taken for dead is removed, and a pid of elsewhere says nothing.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { isAlive, thisProcess } from '../ports/owner.ts';

const read = (look: () => string): string => {
  try {
    return look();
  } catch {
    return '';
  }
};

const bootOf = (): string => read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')).slice(0, 8) || '0';

/** The number of the namespace in which pids are what they are here. */
const spaceOf = (): string => {
  const [, number = '0'] = /\[(\d+)\]/.exec(read(() => readlinkSync('/proc/self/ns/pid'))) ?? [];
  return Number(number).toString(16);
};

export function ownerName(): string {
  const { pid, started } = thisProcess();
  return `${bootOf()}-${spaceOf()}-${pid}-${started}`;
}

/** False as well for what nobody here can know. */
export function isDeadOwner(name: string): boolean {
  const [, boot, space, pid, started = ''] = /^([0-9a-f]+)-([0-9a-f]+)-(\d+)-(\d*)$/.exec(name) ?? [];
  if (boot === undefined) return false;
  if (boot !== bootOf()) return true;
  return space === spaceOf() && !isAlive({ pid: Number(pid), started });
}
