/**
 * An agent that is any command in any language, run so that it can be killed, frozen and started again. It lives in a
 * session of its own under the warden; disposing leaves nothing of that session.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { AgentExit, HeldPort, ProcessAgent } from '../model/live.ts';
import { summarizeCard } from './card.ts';
import { fewestDescriptors } from './descriptors.ts';
import { probeCard } from './fetch-card.ts';
import { isForeign, isLoopback, portsOfSession, whoListens } from './listeners.ts';
import { cardUrlAt, openLives } from './lives.ts';
import { measureSession } from './measure.ts';
import type { LifeOptions } from './process-life.ts';
import { freezeSession, thawSession } from './session-control.ts';
import type { Warden } from './warden.ts';

export interface ProcessOptions {
  readonly name: string;
  /** For the shell; `{port}` is replaced, and `{peer}` when `env.PEER_URL` is given. */
  readonly command: string;
  readonly port: number;
  /** Where it can be started anew instead. */
  readonly otherPort?: number;
  /** Called when it has been, before anybody is told. */
  readonly onMoved?: () => Promise<void>;
  /** For a command that takes its port's socket as a descriptor (socket-activation.ts): asked anew for each life. */
  readonly openSocket?: (port: number) => Promise<HeldPort | undefined>;
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

/** `${port}` is the shell's own and stays. */
export const fillCommand = (command: string, values: Readonly<Record<string, string | undefined>>): string =>
  command.replace(/(?<!\$)\{(port|peer)\}/g, (whole, key: string) => values[key] ?? whole);

const lifeOptions = (options: ProcessOptions, state: string, port: number, signal: AbortSignal): LifeOptions => {
  const { env = {} } = options;
  return {
    ...options,
    port,
    signal,
    command: fillCommand(options.command, { port: String(port), peer: env.PEER_URL }),
    env: { ...env, PORT: String(port), MUSTER_STATE: state },
    url: cardUrlAt(port),
  };
};

/** For what it keeps from one life to the next, beside its log. Who wants it makes it; no other agent is told the same. */
const stateFolder = ({ log_path }: ProcessOptions): string =>
  resolve(`${log_path.replace(/\.log$/, '')}-state-${randomUUID().slice(0, 8)}`);

export const startProcess = async (options: ProcessOptions): Promise<ProcessAgent> => {
  mkdirSync(dirname(options.log_path), { recursive: true });
  const state = stateFolder(options);
  const lives = await openLives(options, (port, signal) => lifeOptions(options, state, port, signal));
  let stopped: Promise<void> | undefined;

  return {
    name: options.name,
    how: 'process',
    get url() {
      return cardUrlAt(lives.port);
    },
    get card() {
      return lives.card;
    },
    get summary() {
      return summarizeCard(lives.card);
    },
    get boot_ms() {
      return lives.boot_ms;
    },
    get pid() {
      return lives.session.leader;
    },
    // Nobody else has a port that it has had: it stays leased.
    owns: ({ hostname, port }) =>
      isLoopback(hostname) && (lives.ports.has(Number(port)) || portsOfSession(lives.session).includes(Number(port))),
    // Whose the port is says who answers; a name on the card may change while an agent runs.
    probe: async (timeout_ms) => {
      if (isForeign(lives.port, lives.session)) {
        const by = whoListens(lives.port, lives.session) ?? 'somebody else';
        return { answers: false, reason: `on its port answers ${by}` };
      }
      return probeCard(cardUrlAt(lives.port), undefined, { timeout_ms, signal: options.signal, redirects: false });
    },
    ...(lives.used === undefined ? {} : { used: lives.used }),
    kill: lives.kill,
    stop: lives.stop,
    freeze: () => freezeSession(lives.session),
    thaw: () => thawSession(lives.session),
    measure: () => measureSession(lives.session),
    descriptors: () => fewestDescriptors(lives.session),
    restart: lives.restart,
    restartHeld: lives.restartHeld,
    restartInVain: lives.restartInVain,
    limit: lives.limit,
    [Symbol.asyncDispose]: () => {
      stopped ??= lives.end();
      return stopped;
    },
  };
};
