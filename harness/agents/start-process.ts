/**
 * An agent that is any command in any language, run so that it can be killed, frozen and started again. It lives in a
 * session of its own under the warden; disposing leaves nothing of that session.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentExit, HeldPort, ProcessAgent } from '../model/live.ts';
import { AgentStartError, StrangerOnPort } from './agent-errors.ts';
import { summarizeCard } from './card.ts';
import { watchUse } from './connections.ts';
import { fewestDescriptors } from './descriptors.ts';
import { CARD_PATH, probeCard } from './fetch-card.ts';
import { isForeign, isListening, isLoopback, portsOfSession, whoListens } from './listeners.ts';
import { beginLife, describeStranger, type Life, type LifeOptions } from './process-life.ts';
import { freezeSession, killSession, stopSession, thawSession } from './session-control.ts';
import type { Warden } from './warden.ts';

export interface ProcessOptions {
  readonly name: string;
  /** For the shell; `{port}` is replaced, and `{peer}` when `env.PEER_URL` is given. */
  readonly command: string;
  readonly port: number;
  /** For a command that takes its port's socket as a descriptor (socket-activation.ts): asked anew for each life. */
  readonly openSocket?: () => Promise<HeldPort | undefined>;
  readonly env?: Readonly<Record<string, string>>;
  /** Appended to, by every life of the agent. */
  readonly log_path: string;
  readonly warden: Warden;
  readonly ready_ms_max: number;
  /** Ends a start or a restart that is under way. */
  readonly signal: AbortSignal;
  /** Called once for each life, also for a start that failed. */
  readonly onExit: (exit: AgentExit) => void;
}

const GRACE_MS = 2_000;
const PORT_PAUSE_MS = 20;

/** `${port}` is the shell's own and stays. */
export const fillCommand = (command: string, values: Readonly<Record<string, string | undefined>>): string =>
  command.replace(/(?<!\$)\{(port|peer)\}/g, (whole, key: string) => values[key] ?? whole);

const lifeOptions = (options: ProcessOptions, signal: AbortSignal): LifeOptions => {
  const { port, env = {} } = options;
  return {
    ...options,
    signal,
    command: fillCommand(options.command, { port: String(port), peer: env.PEER_URL }),
    env: { ...env, PORT: String(port) },
    url: `http://127.0.0.1:${port}${CARD_PATH}`,
  };
};

const awaitFreePort = async (options: LifeOptions): Promise<void> => {
  const begun_ms = performance.now();
  while (await isListening(options.port)) {
    if (performance.now() - begun_ms > options.ready_ms_max)
      throw new StrangerOnPort(options.name, options.port, await describeStranger(options));
    options.signal.throwIfAborted();
    await delay(PORT_PAUSE_MS);
  }
};

const killLife = async (life: Life): Promise<string> => {
  life.expectExit();
  const proof = await killSession(life.session);
  await life.exited;
  return proof;
};

export const startProcess = async (options: ProcessOptions): Promise<ProcessAgent> => {
  const closing = new AbortController();
  const birth = lifeOptions(options, AbortSignal.any([options.signal, closing.signal]));
  mkdirSync(dirname(options.log_path), { recursive: true });
  let life = await beginLife(birth);
  let restarting: Promise<unknown> = Promise.resolve();
  let stopped: Promise<void> | undefined;
  const use = watchUse(options.port);

  const restart = async (): Promise<string> => {
    await killLife(life);
    await awaitFreePort(birth);
    life = await beginLife(birth);
    use.forget();
    return `process ${life.session.leader} was started on port ${options.port}; its card answered after ${Math.round(life.boot_ms)} ms`;
  };

  const stop = async (): Promise<void> => {
    closing.abort(new AgentStartError(`Failed to start agent "${options.name}" again: it is being stopped.`));
    await restarting.catch(() => {});
    life.expectExit();
    await stopSession(life.session, GRACE_MS);
    await life.exited;
  };

  return {
    name: options.name,
    how: 'process',
    url: birth.url,
    get card() {
      return life.card;
    },
    get summary() {
      return summarizeCard(life.card);
    },
    get boot_ms() {
      return life.boot_ms;
    },
    get pid() {
      return life.session.leader;
    },
    owns: ({ hostname, port }) =>
      isLoopback(hostname) && (Number(port) === options.port || portsOfSession(life.session).includes(Number(port))),
    // Whose the port is says who answers; a name on the card may change while an agent runs.
    probe: async (timeout_ms) => {
      if (isForeign(options.port, life.session)) {
        const by = whoListens(options.port, life.session) ?? 'somebody else';
        return { answers: false, reason: `on its port answers ${by}` };
      }
      return probeCard(birth.url, undefined, { timeout_ms, signal: options.signal, redirects: false });
    },
    ...(use.used === undefined ? {} : { used: use.used }),
    kill: () => killLife(life),
    freeze: () => freezeSession(life.session),
    thaw: () => thawSession(life.session),
    descriptors: () => fewestDescriptors(life.session),
    restart: () => {
      // One after the other, whoever asks; a start that failed does not spoil the next.
      const next = restarting.catch(() => {}).then(restart);
      restarting = next;
      return next;
    },
    [Symbol.asyncDispose]: () => {
      stopped ??= stop();
      return stopped;
    },
  };
};
