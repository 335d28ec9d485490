/**
 * The program of the warden: it starts every agent itself and kills them all when its line to muster breaks, however
 * muster ended. So there is no moment in which an agent runs unguarded, not even when muster is killed with SIGKILL.
 */
import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isGone, type Session, sessionLedBy, signalSession } from './process-table.ts';
import { withListenPid } from './socket-activation.ts';

export interface SpawnRequest {
  readonly id: number;
  readonly command: string;
  /** Added to the environment that muster itself has. */
  readonly env: Readonly<Record<string, string>>;
  readonly log_path: string;
  /** So many the command and what it starts may have open, each; as many as muster unless given. */
  readonly descriptors?: number;
  /** A shell command that is run when the command has ended, however that was; only then its exit is reported. */
  readonly afterwards?: string;
  /** The shell stops (state T) before it runs the command; SIGCONT lets it. */
  readonly held?: true;
}

export type WardenReport =
  | { readonly type: 'ready' }
  | { readonly type: 'started'; readonly id: number; readonly session: Session }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'exited'; readonly id: number; readonly code: number | null; readonly signal: string | null };

const KILL_TRIES = 500;
const KILL_PAUSE_MS = 10;
const AFTERWARDS_MS_MAX = 10_000;

const sessions = new Map<number, Session>();
/** What is to be done after commands that still run, and what is being done. */
const afterCommands = new Set<Promise<void>>();

const report = (message: WardenReport): void => {
  // With muster gone there is nobody to tell; the disconnect says so, not an error here.
  process.send?.(message, undefined, {}, () => {});
};

/** `spawn` takes a descriptor by its number, and a server tells it nowhere else. */
const descriptorOf = (socket: Server): number => (socket as unknown as { _handle: { fd: number } })._handle.fd;

/** Resolves also when it fails: what was meant to be gone is then looked for by whoever keeps it. */
const run = (afterwards: string): Promise<void> =>
  new Promise((resolve) => {
    execFile('/bin/sh', ['-c', afterwards], { timeout: AFTERWARDS_MS_MAX }, () => resolve());
  });

const start = (request: SpawnRequest, socket: Server | undefined): void => {
  const { id, command, env, descriptors, held, afterwards } = request;
  const log = openSync(request.log_path, 'a');
  try {
    const script = socket === undefined ? command : withListenPid(command);
    const limited = descriptors === undefined ? script : `ulimit -n ${descriptors} || exit\n${script}`;
    const child = spawn('/bin/sh', ['-c', held ? `kill -STOP $$\n${limited}` : limited], {
      detached: true,
      stdio: ['ignore', log, log, ...(socket === undefined ? [] : [descriptorOf(socket)])],
      env: { ...process.env, ...env, ...(socket === undefined ? {} : { LISTEN_FDS: '1' }) },
    });
    child.on('error', (error) => report({ type: 'failed', id, message: error.message }));
    if (child.pid === undefined) return;
    const session = sessionLedBy(child.pid);
    sessions.set(id, session);
    const over = Promise.withResolvers<void>();
    if (afterwards !== undefined) afterCommands.add(over.promise);
    child.on('exit', async (code, signal) => {
      // What the shell left behind is guarded on.
      if (isGone(session)) sessions.delete(id);
      if (afterwards !== undefined) await run(afterwards);
      report({ type: 'exited', id, code, signal });
      over.resolve();
      afterCommands.delete(over.promise);
    });
    report({ type: 'started', id, session });
  } finally {
    closeSync(log);
  }
};

const endAll = async (): Promise<void> => {
  for (let tries = 0; tries < KILL_TRIES; tries += 1) {
    const left = [...sessions.values()].filter((session) => !isGone(session));
    if (left.length === 0) break;
    for (const session of left) signalSession(session, 'SIGKILL');
    await delay(KILL_PAUSE_MS);
  }
  await Promise.race([Promise.all(afterCommands), delay(AFTERWARDS_MS_MAX)]);
  process.exit();
};

// A Ctrl-C at the terminal, or a hang-up, is muster's to handle: the warden goes when muster is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => void endAll());
process.on('message', (request: SpawnRequest, socket?: Server) => {
  try {
    start(request, socket);
  } catch (error) {
    report({ type: 'failed', id: request.id, message: (error as Error).message });
  } finally {
    // In the same turn: a copy kept for longer would take connections that are the agent's.
    socket?.close();
  }
});
report({ type: 'ready' });
