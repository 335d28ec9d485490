/**
 * The harness's end of the warden. Whichever of the two dies first, the other kills every agent: this side keeps the
 * session of each running agent for the case that it is the warden.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HeldPort } from '../model/live.ts';
import { isGone, type Session, signalSession } from './process-table.ts';
import type { SpawnRequest, WardenReport } from './warden-process.ts';

export interface WardedExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** It ended because the warden did, or because muster closed the warden. */
  readonly with_warden: boolean;
}

export interface WardedProcess {
  readonly session: Session;
  /** When the shell has exited; others of its session may live on. */
  readonly exited: Promise<WardedExit>;
}

export interface Warden extends AsyncDisposable {
  readonly pid: number;
  /**
   * Runs a command in a shell that leads a session of its own, its output appended to a file. A socket becomes its descriptor 3,
   * and nobody else keeps a copy: when the command is dead, connections are refused.
   */
  spawn(request: Omit<SpawnRequest, 'id'>, socket?: HeldPort): Promise<WardedProcess>;
}

interface Ward {
  readonly started: PromiseWithResolvers<WardedProcess>;
  readonly exited: PromiseWithResolvers<WardedExit>;
  session?: Session;
}

/** Longer than the warden itself tries. */
const CLOSE_MS_MAX = 18_000;

const fork = (): ChildProcess => {
  // `.ts` in the repository, `.js` in the package: the extension of this very file.
  const program = new URL(`./warden-process${extname(import.meta.url)}`, import.meta.url);
  return spawn(process.execPath, [fileURLToPath(program)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
};

/** Ends what the warden left, when it is gone itself. */
const endWard = (ward: Ward): void => {
  ward.started.reject(new Error('Failed to start the command: the warden, which starts it, has ended.'));
  if (ward.session !== undefined && !isGone(ward.session)) signalSession(ward.session, 'SIGKILL');
  ward.exited.resolve({ code: null, signal: 'SIGKILL', with_warden: true });
};

const hear = (wards: Map<number, Ward>, message: WardenReport): void => {
  if (message.type === 'ready') return;
  const ward = wards.get(message.id);
  if (ward === undefined) return;
  if (message.type === 'started') {
    ward.session = message.session;
    ward.started.resolve({ session: message.session, exited: ward.exited.promise });
  } else if (message.type === 'failed') {
    ward.started.reject(new Error(`Failed to start the command: ${message.message}`));
    wards.delete(message.id);
  } else {
    const { code, signal } = message;
    ward.exited.resolve({ code, signal, with_warden: false });
    // What the shell left behind stays known, and is ended with the rest.
    if (ward.session === undefined || isGone(ward.session)) wards.delete(message.id);
  }
};

/** Resolves when the warden has it, and the socket with it; of what went wrong its exit tells. */
const send = async (child: ChildProcess, request: SpawnRequest, socket: HeldPort | undefined): Promise<void> => {
  await new Promise((resolve) => child.send(request, socket?.handle as Server | undefined, {}, resolve));
  await socket?.close();
};

/** One for a whole run. */
export const openWarden = async (): Promise<Warden> => {
  if (process.platform === 'win32')
    throw new Error(
      'Failed to start the warden: agents given by --command need process groups, which Windows lacks. Start the agent yourself and give its address with --url, or run muster under WSL.',
    );
  const child = fork();
  const wards = new Map<number, Ward>();
  let last_id = 0;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const ward of wards.values()) endWard(ward);
      wards.clear();
      resolve();
    });
  });
  child.on('message', (message: WardenReport) => hear(wards, message));
  const early = ended.then(() => {
    throw new Error(`Failed to start the warden with ${process.execPath}: it exited with code ${child.exitCode}.`);
  });
  // An `error` event (no such program) rejects this; the first message is `ready`.
  await Promise.race([once(child, 'message'), early]);
  early.catch(() => {});
  child.on('error', () => {});

  return {
    pid: child.pid ?? -1,
    spawn: async (request, socket) => {
      if (!child.connected) {
        await socket?.close();
        throw new Error('Failed to start the command: the warden, which starts it, has ended. Start muster again.');
      }
      last_id += 1;
      const ward: Ward = { started: Promise.withResolvers(), exited: Promise.withResolvers() };
      wards.set(last_id, ward);
      await send(child, { id: last_id, ...request }, socket);
      return ward.started.promise;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS_MAX);
      await ended;
      clearTimeout(timer);
    },
  };
};
