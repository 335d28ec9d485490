/**
 * The processes of an agent: everything in the session whose leader is the shell that runs its command. A session, not
 * only a process group, because `timeout 60 …` and job control make groups of their own. No signal is ever sent to a
 * pid that may have been given to somebody else.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Session {
  /** Pid of the shell; the kernel gives it to no other process while anything of the session lives. */
  readonly leader: number;
  /** When the leader started (proc(5), stat, field 22); empty where there is no /proc. */
  readonly started: string;
}

export interface ProcessRow {
  readonly pid: number;
  /** One letter, as in proc(5): `T` is stopped, `Z` is dead but not yet waited for. */
  readonly state: string;
  readonly group: number;
  readonly session: number;
  readonly started: string;
  readonly threads: number;
}

export const HAS_PROC = existsSync('/proc/self/stat');

export const readProcess = (pid: number): ProcessRow | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', , group, session] = fields;
    const started = fields[19] ?? '';
    return { pid, state, group: Number(group), session: Number(session), started, threads: Number(fields[17]) };
  } catch {
    return undefined;
  }
};

export const allPids = (): number[] =>
  HAS_PROC
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : [];

export const sessionLedBy = (leader: number): Session => ({ leader, started: readProcess(leader)?.started ?? '' });

/**
 * Zombies hold neither ports nor memory, and in a container nobody may ever wait for them. But a process whose first thread
 * is dead looks like one too, while its other threads still hold all of its sockets.
 */
const isDead = (row: ProcessRow): boolean => row.state === 'X' || (row.state === 'Z' && row.threads <= 1);

/** What lives of a session. Only where there is a /proc. */
export const membersOf = (session: Session): ProcessRow[] => {
  const leader = readProcess(session.leader);
  if (leader !== undefined && leader.started !== session.started) return [];
  return allPids()
    .map(readProcess)
    .filter((row) => row !== undefined)
    .filter((row) => (row.session === session.leader || row.group === session.leader) && !isDead(row));
};

const signalGroup = (group: number, signal: NodeJS.Signals | 0): boolean => {
  // -1 and -0 would mean everybody.
  if (group <= 1) return false;
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
};

/** To every process group of the session. */
export const signalSession = (session: Session, signal: NodeJS.Signals): void => {
  const groups = HAS_PROC ? new Set(membersOf(session).map((row) => row.group)) : [session.leader];
  for (const group of groups) signalGroup(group, signal);
};

export const isGone = (session: Session): boolean =>
  HAS_PROC ? membersOf(session).length === 0 : !signalGroup(session.leader, 0);
