/**
 * All sessions of this process: who is let in, who is still in use, and that nothing of any of them outlives it. What a
 * session stands on is handed in, so this knows neither ports nor how an agent is started.
 */
import { randomBytes } from 'node:crypto';
import type {
  HealthPolicy,
  SessionEvent,
  SessionLimits,
  SessionMode,
  SessionRequest,
  Sessions,
  StandUp,
} from '../model/session.ts';
import { assertSound, openAdmission, untilIdle } from './admission.ts';
import { watchHealth } from './health.ts';
import { beginLife, type Life } from './life.ts';
import { SessionRefused, SessionRequestError } from './session-refused.ts';

export interface SessionsOptions {
  readonly limits: SessionLimits;
  /** Nothing for agents that somebody else watches. */
  readonly health?: HealthPolicy;
  readonly mode: SessionMode;
  readonly standUp: StandUp;
  /** How many agents a session can have at most: 6, or what fits on a block of ports. */
  readonly agents_max?: number;
  readonly onEvent?: (event: SessionEvent) => void;
  /** Milliseconds that never go back. */
  readonly clock?: () => number;
}

export const AGENTS_MAX = 6;
const USER_LENGTH_MAX = 200;
/** Connections that were closed are to be seen for 60 s at most, and to be looked at before. */
const LOOK_MS_MAX = 15_000;

export function openSessions(options: SessionsOptions): Sessions {
  const { limits, mode, standUp, clock = () => performance.now(), agents_max = AGENTS_MAX } = options;
  assertSound(limits);
  const lives = new Map<string, Life>();
  const admission = openAdmission(limits, clock());
  const tell = (event: SessionEvent): void => options.onEvent?.(event);
  let closing: Promise<void> | undefined;

  const endIdle = (): void => {
    for (const life of lives.values()) {
      if (!life.isReady()) continue;
      life.lookForUse();
      if (clock() - life.lastUsed_ms() >= limits.idle_ms_max) void end(life, 'idle');
    }
  };
  const end: (life: Life, reason: 'idle' | 'shutdown') => Promise<unknown> = (life, reason) =>
    // What could not be stopped is told by its event.
    life.end(reason).catch((error: unknown) => error);
  const look_ms = Math.max(10, Math.min(LOOK_MS_MAX, limits.idle_ms_max / 4));
  const looking = setInterval(endIdle, look_ms).unref();
  const health =
    options.health === undefined
      ? undefined
      : watchHealth({ policy: options.health, lives: () => lives.values(), tell });

  const admit = (request: SessionRequest): void => {
    try {
      admission.admit(request, [...lives.values()], clock());
    } catch (error) {
      if (error instanceof SessionRefused)
        tell({ phase: 'refused', user: request.user, limit: error.limit, message: error.message });
      throw error;
    }
  };

  /** Blocks of ports come back when a session ends, and this is when one might. */
  const withRetry = (error: unknown): unknown => {
    if (!(error instanceof SessionRefused) || error.retry_after_ms !== undefined || lives.size === 0) return error;
    const { limit, in_use, allowed, message } = error;
    const retry_after_ms = untilIdle([...lives.values()], limits, clock());
    return new SessionRefused(message, { limit, in_use, allowed, retry_after_ms }, { cause: error });
  };

  const close = async (): Promise<void> => {
    clearInterval(looking);
    const ended = Promise.all([...lives.values()].map((life) => end(life, 'shutdown')));
    await health?.[Symbol.asyncDispose]();
    const stuck = (await ended).filter((error) => error !== undefined);
    if (stuck.length > 0)
      throw new AggregateError(stuck, `Failed to stop ${stuck.length} sessions in order; their ports were returned.`);
  };

  return {
    async open(request) {
      assertAskable(request, agents_max);
      if (closing !== undefined)
        throw new Error(`Failed to open a session for "${request.user}": all sessions are being ended.`);
      request.signal?.throwIfAborted();
      admit(request);
      const id = unusedId(lives);
      const life = beginLife({ id, request, mode, standUp, clock, tell, forget: () => lives.delete(id) });
      lives.set(id, life);
      try {
        return await life.opened;
      } catch (error) {
        throw withRetry(error);
      }
    },
    get: (id) => lives.get(id)?.session,
    list: () => [...lives.values()].map(({ session }) => session.view()),
    async end(id, reason) {
      const life = lives.get(id);
      await life?.end(reason);
      return life !== undefined;
    },
    [Symbol.asyncDispose]: () => {
      closing ??= close();
      return closing;
    },
  };
}

function assertAskable({ user, agents }: SessionRequest, agents_max: number): void {
  const problems: string[] = [];
  if (typeof user !== 'string' || user === '' || user.length > USER_LENGTH_MAX)
    problems.push(`"user" must be a text of 1 to ${USER_LENGTH_MAX} characters`);
  if (!Number.isInteger(agents) || agents < 1 || agents > agents_max)
    problems.push(`"agents" must be a whole number from 1 to ${agents_max}`);
  if (problems.length > 0) throw new SessionRequestError(`Failed to open a session: ${problems.join(', and ')}.`);
}

function unusedId(taken: ReadonlyMap<string, unknown>): string {
  const id = randomBytes(4).toString('hex');
  return taken.has(id) ? unusedId(taken) : id;
}
