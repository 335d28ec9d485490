/**
 * The lives of one command agent, one after the other: each ends before the next begins, whoever asks and however often. A
 * start that failed does not spoil the next, and nothing is started any more once the agent is being stopped.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LoweredLimit, ProcessAgent, Scarce } from '../model/live.ts';
import { AgentStartError, StrangerOnPort } from './agent-errors.ts';
import { watchUse } from './connections.ts';
import { CARD_PATH, probeCard } from './fetch-card.ts';
import { limitSession } from './limits.ts';
import { isListening } from './listeners.ts';
import { occupyPort } from './occupied-port.ts';
import {
  beginLife,
  describeStranger,
  type HeldLife,
  holdLife,
  type Life,
  type LifeOptions,
  liveInVain,
} from './process-life.ts';
import { isGone } from './process-table.ts';
import { askToStop, killSession, pidsOf, stopSession } from './session-control.ts';
import type { ProcessOptions } from './start-process.ts';

const GRACE_MS = 2_000;
const PORT_PAUSE_MS = 20;
/** Who was short of something answers at once when he has it again, or is about to die. */
const LIFTED_MS_MAX = 5_000;

export interface Lives extends Pick<ProcessAgent, 'kill' | 'stop' | 'restart' | 'restartHeld' | 'restartInVain'> {
  /** Of the newest life, which may have ended or not begun to boot. */
  readonly session: Life['session'];
  /** Of the last life that came up. */
  readonly card: Life['card'];
  readonly boot_ms: number;
  readonly port: number;
  /** All that it has had. */
  readonly ports: ReadonlySet<number>;
  readonly used?: () => boolean;
  limit(what: Scarce, left: number): Promise<LoweredLimit>;
  end(): Promise<void>;
}

type Started = Pick<Life, 'session' | 'exited' | 'expectExit'>;

export const cardUrlAt = (port: number): string => `http://127.0.0.1:${port}${CARD_PATH}`;

const awaitFreePort = async (options: LifeOptions): Promise<void> => {
  const begun_ms = performance.now();
  while (await isListening(options.port)) {
    if (performance.now() - begun_ms > options.ready_ms_max)
      throw new StrangerOnPort(options.name, options.port, await describeStranger(options));
    options.signal.throwIfAborted();
    await delay(PORT_PAUSE_MS);
  }
};

const killLife = async (life: Started): Promise<string> => {
  life.expectExit();
  const proof = await killSession(life.session);
  await life.exited;
  return proof;
};

const stopLife = async (life: Started, deadline_ms: number): ReturnType<ProcessAgent['stop']> => {
  life.expectExit();
  const pids = pidsOf(life.session);
  if (pids === '') return { ended: false, proof: 'no process was left to stop' };
  const begun_ms = performance.now();
  const ended = await askToStop(life.session, deadline_ms);
  if (!ended) return { ended, proof: `the processes ${pids} still run ${deadline_ms} ms after SIGTERM` };
  const { code, signal } = await life.exited;
  const how = signal === null ? `with code ${code}` : `by the signal itself, as who does not handle it`;
  const took_ms = Math.round(performance.now() - begun_ms);
  return { ended, proof: `the processes ${pids} ended ${took_ms} ms after SIGTERM, ${how}` };
};

/** `optionsAt` tells how a life on a port begins. */
export const openLives = async (
  options: ProcessOptions,
  optionsAt: (port: number, signal: AbortSignal) => LifeOptions,
): Promise<Lives> => {
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  let port = options.port;
  const ports = new Set([port]);
  const here = (): LifeOptions => optionsAt(port, signal);
  const first = await beginLife(here());
  let life: Started = first;
  let { card, boot_ms } = first;
  let use = watchUse(port);
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.catch(() => {}).then(work);
    last = next;
    return next;
  };
  const comeUp = (next: Life): string => {
    life = next;
    ({ card, boot_ms } = next);
    use = watchUse(port);
    return `process ${next.session.leader} was started on port ${port}; its card answered after ${Math.round(boot_ms)} ms`;
  };
  const move = (): void => {
    const { otherPort } = options;
    if (otherPort === undefined)
      throw new AgentStartError(
        `Failed to move agent "${options.name}" to another port: it was leased no other. Give blocks of 2 ports or more (ports.block), and no \`servers\`.`,
      );
    port = port === options.port ? otherPort : options.port;
    ports.add(port);
  };

  const restart = async (where: 'same' | 'other' = 'same'): Promise<string> => {
    await killLife(life);
    if (options.signal.aborted) return 'it was not started again, for the run is being stopped';
    if (where === 'other') move();
    await awaitFreePort(here());
    const proof = comeUp(await beginLife(here()));
    if (where === 'other') await options.onMoved?.();
    return proof;
  };

  const restartHeld = async (): ReturnType<ProcessAgent['restartHeld']> => {
    const killed = await killLife(life);
    await awaitFreePort(here());
    const held: HeldLife = await holdLife(here());
    life = held;
    const letGo = () =>
      inTurn(async () => {
        if (!options.signal.aborted) return comeUp(await held.letGo());
        return `${await killLife(held)}: it never booted, for the run is being stopped`;
      });
    return { proof: `${killed}; of its successor ${held.proof}`, letGo };
  };

  const restartInVain = async (): ReturnType<ProcessAgent['restartInVain']> => {
    const killed = await killLife(life);
    await awaitFreePort(here());
    const occupied = await occupyPort(port);
    const freePort = async (): Promise<void> => occupied[Symbol.asyncDispose]();
    try {
      return { proof: `${killed}; ${await liveInVain(here())}`, freePort };
    } catch (error) {
      await freePort();
      throw error;
    }
  };

  const limit = async (what: Scarce, left: number): Promise<LoweredLimit> => {
    const limited = life;
    // What memory it asks for and is refused is muster's doing, and so is what becomes of it.
    if (what === 'memory') limited.expectExit();
    const limiting = limitSession(limited.session, what, left);
    limiting.catch(() => limited.expectExit(false));
    const { proof, spent, restore } = await limiting;
    const lift = async (): Promise<string> => {
      const restored = await restore();
      const isAlive = async (): Promise<boolean> => {
        if (isGone(limited.session)) return false;
        const asked = probeCard(cardUrlAt(port), undefined, { timeout_ms: LIFTED_MS_MAX, signal, redirects: false });
        // One that is dying of what it lacked has not ended yet, and answers nobody.
        await Promise.race([asked.catch(() => {}), limited.exited]);
        return !isGone(limited.session);
      };
      if (await isAlive()) {
        limited.expectExit(false);
        return restored;
      }
      if (life !== limited) return 'the process that had the limit is gone';
      const { code, signal: by } = await limited.exited;
      return `it had ended with ${by ?? `code ${code}`}; ${await inTurn(() => restart())}`;
    };
    return { proof, spent, lift };
  };

  const end = async (): Promise<void> => {
    closing.abort(new AgentStartError(`Failed to start agent "${options.name}" again: it is being stopped.`));
    await last.catch(() => {});
    life.expectExit();
    await stopSession(life.session, GRACE_MS);
    await life.exited;
  };

  return {
    get session() {
      return life.session;
    },
    get card() {
      return card;
    },
    get boot_ms() {
      return boot_ms;
    },
    get port() {
      return port;
    },
    ports,
    ...(use.used === undefined ? {} : { used: () => use.used?.() ?? false }),
    kill: () => killLife(life),
    stop: (deadline_ms) => stopLife(life, deadline_ms),
    restart: (where) => inTurn(() => restart(where)),
    restartHeld: () => inTurn(restartHeld),
    restartInVain: () => inTurn(restartInVain),
    limit,
    end,
  };
};
