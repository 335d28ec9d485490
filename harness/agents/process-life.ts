/**
 * One life of a command agent: from its start until its shell exits. It is ready when an agent card answers on its port and
 * the one who answers is a process of its own session; a start that fails leaves no process behind.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentExit, HeldPort } from '../model/live.ts';
import { AgentStartError, StrangerOnPort } from './agent-errors.ts';
import { type Card, cardProblem } from './card.ts';
import { type CardAnswer, fetchCard } from './fetch-card.ts';
import { isForeign, isListening, portsOfSession, whoListens } from './listeners.ts';
import { readLogTail, sizeOf } from './log-tail.ts';
import { isGone, type Session } from './process-table.ts';
import { awaitFrozen, killSession, thawSession } from './session-control.ts';
import type { Warden } from './warden.ts';

export interface LifeOptions {
  readonly name: string;
  readonly command: string;
  readonly port: number;
  /** For a command that takes its port's socket as a descriptor: asked anew for each life. Nothing when the port is taken. */
  readonly openSocket?: ((port: number) => Promise<HeldPort | undefined>) | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly log_path: string;
  readonly url: string;
  readonly warden: Warden;
  readonly ready_ms_max: number;
  readonly signal: AbortSignal;
  readonly onExit: (exit: AgentExit) => void;
}

export interface Life {
  readonly session: Session;
  readonly card: Card;
  readonly boot_ms: number;
  /** Resolves after `onExit` has been called. */
  readonly exited: Promise<AgentExit>;
  /** From now on, an exit is one that was asked for; or is not any more. */
  expectExit(expected?: boolean): void;
}

/** One that was started, and stands still before its command has begun. */
export interface HeldLife extends Pick<Life, 'session' | 'exited' | 'expectExit'> {
  readonly proof: string;
  /** Lets it boot, and waits until its card answers. */
  letGo(): Promise<Life>;
}

type Born = Pick<Life, 'session' | 'exited' | 'expectExit'> & { exit(): AgentExit | undefined; log_from: number };

const POLL_MS_MIN = 10;
const POLL_MS_MAX = 100;
const STRANGER_MS_MAX = 1_000;
/** A process that forks has its socket in two places, or for a moment in neither that was looked at. */
const LOOKS = 3;
const LOOK_PAUSE_MS = 20;
/** Whoever has not given up by then tries again and again to have its port. */
const VAIN_MS_MAX = 5_000;
/** Nobody but a lowered RLIMIT_FSIZE sends it, and a shell tells it of its child as 128 and the number of the signal. */
const FILE_SIZE = { signal: 'SIGXFSZ', code: 153 };

const spawnLife = async (
  options: LifeOptions,
  socket: HeldPort | undefined,
  held: { readonly held?: true } = {},
): Promise<Born> => {
  const { warden, command, env, log_path, onExit } = options;
  const log_from = sizeOf(log_path);
  const { session, exited } = await warden.spawn({ command, env, log_path, ...held }, socket);
  let asked = false;
  let exit: AgentExit | undefined;
  return {
    session,
    log_from,
    exit: () => exit,
    expectExit: (expected = true) => {
      asked = expected;
    },
    exited: exited.then(({ code, signal, with_warden }) => {
      const isLimited = signal === FILE_SIZE.signal || code === FILE_SIZE.code;
      const log_tail = readLogTail(log_path, log_from);
      exit = { asked: asked || with_warden || isLimited, code, signal, log_tail };
      onExit(exit);
      return exit;
    }),
  };
};

/** Who has the port, by its process and by what it answers. */
export const describeStranger = async (
  options: Pick<LifeOptions, 'url' | 'port' | 'signal'>,
  own?: Session,
): Promise<string> => {
  const { url, port, signal } = options;
  const who = whoListens(port, own) ?? 'a program that muster cannot look into';
  const answer = await fetchCard(url, { timeout_ms: STRANGER_MS_MAX, signal, redirects: false });
  if (answer.got === 'card')
    return `${who}, an agent whose card says ${JSON.stringify(answer.card.name).slice(0, 100)}`;
  return answer.got === 'refusal' ? who : `${who}, which ${answer.sentence}`;
};

const assertOurs = async (options: LifeOptions, session: Session): Promise<void> => {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    if (!isForeign(options.port, session)) return;
    await delay(LOOK_PAUSE_MS);
  }
  throw new StrangerOnPort(options.name, options.port, await describeStranger(options, session));
};

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

const activationHint = ({ openSocket }: LifeOptions): string =>
  openSocket === undefined
    ? ''
    : ' It was given the socket of its port as descriptor 3 (LISTEN_FDS=1, LISTEN_PID): an agent that binds PORT itself is started without --socket-activation, and one behind other commands with `exec`.';

const whyExited = (options: LifeOptions, { code, signal }: AgentExit): string => {
  const command = JSON.stringify(options.command);
  if (code === NOT_FOUND)
    return `the shell cannot find a program of ${command} (exit code 127). Check its spelling and PATH; the command runs in ${process.cwd()}.`;
  if (code === NOT_EXECUTABLE)
    return `the shell may not execute a program of ${command} (exit code 126). Make it executable, or name the interpreter.`;
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  const hint = code === 0 ? ' An agent must stay in the foreground, without "&" or a daemon option.' : '';
  return `${command} exited ${how} before its agent card answered on port ${options.port}.${hint}${activationHint(options)}`;
};

const whyNotReady = (options: LifeOptions, session: Session, last: CardAnswer | undefined): string => {
  const { port, ready_ms_max, url } = options;
  if (last?.got === 'other' || last?.got === 'silence')
    return `it listens on port ${port}, but no agent card is to be had at ${url}: it ${last.sentence}.${activationHint(options)}`;
  const elsewhere = portsOfSession(session);
  const where = elsewhere.includes(port)
    ? `it listens on port ${port}, but not at 127.0.0.1`
    : elsewhere.length > 0
      ? `it listens on port ${elsewhere.join(', ')} instead of ${port}`
      : `nothing listens on port ${port}`;
  return `${where} after ${ready_ms_max} ms. The command must listen at 127.0.0.1 on the port given by PORT or {port}; if it is only slow, raise ready_ms_max.`;
};

const awaitCard = async (options: LifeOptions, born: Born, started_ms: number): Promise<Card> => {
  const { name, port, url, ready_ms_max, signal, log_path } = options;
  const giveUp = (sentence: string): never => {
    throw new AgentStartError(`Failed to start agent "${name}": ${sentence}`, readLogTail(log_path, born.log_from));
  };
  const gone = new AbortController();
  void born.exited.then(() => gone.abort());
  // Whoever holds the port in its place may keep silent: the end of the agent ends the question too.
  const ask = (timeout_ms: number): Promise<CardAnswer | undefined> =>
    fetchCard(url, { timeout_ms, signal: AbortSignal.any([signal, gone.signal]), redirects: false }).catch((error) => {
      signal.throwIfAborted();
      if (gone.signal.aborted) return undefined;
      throw error;
    });
  let last: CardAnswer | undefined;
  let pause_ms = POLL_MS_MIN;
  for (;;) {
    const exit = born.exit();
    if (exit !== undefined) {
      if (isForeign(port, born.session)) await assertOurs(options, born.session);
      giveUp(whyExited(options, exit));
    }
    const left_ms = ready_ms_max - (performance.now() - started_ms);
    if (left_ms <= 0) {
      await assertOurs(options, born.session);
      giveUp(whyNotReady(options, born.session, last));
    }
    const answer = await ask(left_ms);
    if (answer === undefined) continue;
    if (answer.got === 'card') {
      await assertOurs(options, born.session);
      // A stranger may have answered and left before the port was ours, so the card of record is the one asked for now.
      const own = await ask(Math.max(1, left_ms));
      if (own?.got !== 'card') continue;
      const problem = cardProblem(own.card);
      return problem === undefined ? own.card : giveUp(`it ${problem}.`);
    }
    // The last look may have had a moment only: that it saw nothing says less than an answer before it.
    if (answer.got !== 'silence' || last?.got !== 'other') last = answer;
    await Promise.race([delay(Math.min(pause_ms, Math.max(1, left_ms)), undefined, { signal }), born.exited]);
    pause_ms = Math.min(pause_ms * 1.5, POLL_MS_MAX);
  }
};

/** Throws `StrangerOnPort` when the port is not to be had. */
const takePlace = async (options: LifeOptions): Promise<HeldPort | undefined> => {
  const { name, port, signal } = options;
  signal.throwIfAborted();
  const socket = await options.openSocket?.(port);
  const taken = options.openSocket === undefined ? await isListening(port) : socket === undefined;
  if (taken) throw new StrangerOnPort(name, port, await describeStranger(options));
  return socket;
};

const comeUp = async (options: LifeOptions, born: Born): Promise<Life> => {
  const started_ms = performance.now();
  try {
    const card = await awaitCard(options, born, started_ms);
    const { session, exited, expectExit } = born;
    return { session, exited, expectExit, card, boot_ms: performance.now() - started_ms };
  } catch (error) {
    born.expectExit();
    if (!isGone(born.session)) await killSession(born.session);
    await born.exited;
    // A wait that was aborted has no better reason to give than the one it was given.
    options.signal.throwIfAborted();
    throw error;
  }
};

export const beginLife = async (options: LifeOptions): Promise<Life> =>
  comeUp(options, await spawnLife(options, await takePlace(options)));

/** With its socket it is held too: who connects waits until it has booted. */
export const holdLife = async (options: LifeOptions): Promise<HeldLife> => {
  const born = await spawnLife(options, await takePlace(options), { held: true });
  const { session, exited, expectExit } = born;
  const proof = await awaitFrozen(session);
  const letGo = async (): Promise<Life> => {
    await thawSession(session);
    return comeUp(options, born);
  };
  return { session, exited, expectExit, proof, letGo };
};

/** For a port that is taken: starts the command without its socket, tells what became of it, and leaves nothing of it. */
export const liveInVain = async (options: LifeOptions): Promise<string> => {
  const { port, signal } = options;
  const born = await spawnLife(options, undefined);
  born.expectExit();
  const waiting = new AbortController();
  const over = AbortSignal.any([signal, waiting.signal]);
  await Promise.race([born.exited, delay(VAIN_MS_MAX, undefined, { signal: over }).catch(() => {})]);
  waiting.abort();
  const exit = born.exit();
  const elsewhere = portsOfSession(born.session);
  if (!isGone(born.session)) await killSession(born.session);
  await born.exited;
  if (exit !== undefined) {
    const last = exit.log_tail.findLast((line) => line.includes('EADDRINUSE')) ?? exit.log_tail.at(-1);
    const said = last === undefined ? '' : `, and said ${JSON.stringify(last.trim().slice(0, 200))}`;
    return `process ${born.session.leader} found port ${port} taken: it exited with ${exit.signal ?? `code ${exit.code}`}${said}`;
  }
  const where = elsewhere.length === 0 ? 'it listened nowhere' : `it listened on port ${elsewhere.join(', ')} instead`;
  return `process ${born.session.leader} found port ${port} taken: ${where}`;
};
