/**
 * Who owns a lock: a process, told apart from a later one that was given the same pid by the time it started. A process
 * that is taken for dead must be dead for good, because its ports are then given away.
 */
import { readFileSync } from 'node:fs';

export interface Owner {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process (proc(5), stat, field 22). Empty where there is no /proc. */
  readonly started: string;
}

/** Undefined when there is no such process, or only its zombie: that one holds no port any more. */
const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

/** Without /proc a reused pid looks like its former owner: such a lock stays until that process ends too. */
const answersSignals = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

export const thisProcess = (): Owner => ({ pid: process.pid, started: startOf(process.pid) ?? '' });

export const isAlive = (owner: Owner): boolean =>
  owner.started === '' ? answersSignals(owner.pid) : startOf(owner.pid) === owner.started;
