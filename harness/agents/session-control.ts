/**
 * Hurts and ends the processes of an agent. A signal that was sent is not yet an effect: each function resolves when the
 * effect is to be seen in the process table, or fails in words.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { HAS_PROC, isGone, membersOf, type Session, signalSession } from './process-table.ts';

const PAUSE_MS = 10;
const TRIES = 500;

/** False when the condition did not come true in time. `act` is done before each look. */
const until = async (condition: () => boolean, act: () => void = () => {}): Promise<boolean> => {
  for (let tried = 0; tried < TRIES; tried += 1) {
    act();
    if (condition()) return true;
    await delay(PAUSE_MS);
  }
  return condition();
};

export const pidsOf = (session: Session): string =>
  HAS_PROC
    ? membersOf(session)
        .map(({ pid }) => pid)
        .join(', ')
    : String(session.leader);

const failed = (verb: string, session: Session, why: string): Error =>
  new Error(`Failed to ${verb} the processes ${pidsOf(session)} of an agent: ${why}.`);

export const killSession = async (session: Session): Promise<string> => {
  const pids = pidsOf(session);
  // Again and again: a process may fork while its group is being killed.
  const gone = await until(
    () => isGone(session),
    () => signalSession(session, 'SIGKILL'),
  );
  if (!gone) throw failed('kill', session, 'they are still there after SIGKILL');
  return pids === '' ? 'no process was left to kill' : `SIGKILL ended the processes ${pids}`;
};

/** Of processes that stop by themselves. */
export const awaitFrozen = async (session: Session): Promise<string> => {
  const frozen = await until(() => {
    const members = membersOf(session);
    return members.length > 0 && members.every(({ state }) => state === 'T');
  });
  if (!frozen) throw failed('hold', session, 'they run, or have ended');
  return `the processes ${pidsOf(session)} are stopped (state T)`;
};

export const freezeSession = async (session: Session): Promise<string> => {
  if (isGone(session)) throw failed('freeze', session, 'none is running');
  if (!HAS_PROC) {
    signalSession(session, 'SIGSTOP');
    return `SIGSTOP was sent to group ${session.leader}; this system has no /proc to show the effect`;
  }
  const frozen = await until(
    () => membersOf(session).every(({ state }) => /t/i.test(state)),
    () => signalSession(session, 'SIGSTOP'),
  );
  if (!frozen) throw failed('freeze', session, 'some still run after SIGSTOP');
  return `the processes ${pidsOf(session)} are stopped (state T)`;
};

export const thawSession = async (session: Session): Promise<string> => {
  if (isGone(session)) throw failed('thaw', session, 'none is left');
  signalSession(session, 'SIGCONT');
  if (!HAS_PROC) return `SIGCONT was sent to group ${session.leader}; this system has no /proc to show the effect`;
  const thawed = await until(() => membersOf(session).every(({ state }) => state !== 'T'));
  if (!thawed) throw failed('thaw', session, 'some are still stopped after SIGCONT');
  return `the processes ${pidsOf(session)} run again`;
};

/** SIGTERM; false when some are still there after the grace. A frozen process is thawed, so that it can hear it. */
export const askToStop = async (session: Session, grace_ms: number): Promise<boolean> => {
  const begun_ms = performance.now();
  signalSession(session, 'SIGTERM');
  signalSession(session, 'SIGCONT');
  // Looking takes time as well, so it is not the looks that are counted.
  while (!isGone(session)) {
    if (performance.now() - begun_ms > grace_ms) return false;
    await delay(PAUSE_MS);
  }
  return true;
};

/** Politely at first. */
export const stopSession = async (session: Session, grace_ms: number): Promise<void> => {
  if (!(await askToStop(session, grace_ms))) await killSession(session);
};
