/**
 * One session from its start to its end. Whatever ends it, and however many do at once, it ends once, with the first reason,
 * and everything that it had is returned before anybody is told that it has ended.
 */
import type { Agent } from '../model/live.ts';
import { reasonOf } from '../model/reason-of.ts';
import type {
  EndReason,
  Session,
  SessionAgentView,
  SessionEvent,
  SessionMode,
  SessionRequest,
  SessionState,
  SessionView,
  Stand,
  StandUp,
} from '../model/session.ts';
import type { Counted } from './admission.ts';
import { SessionRefused } from './session-refused.ts';

export interface LifeOptions {
  readonly id: string;
  readonly request: SessionRequest;
  readonly mode: SessionMode;
  readonly standUp: StandUp;
  readonly clock: () => number;
  readonly tell: (event: SessionEvent) => void;
  /** Called when everything has been returned, before anybody is told. */
  readonly forget: () => void;
}

/** What is remembered of one agent from one life of it to the next. */
export interface Seat {
  health: SessionAgentView['health'];
  failures: number;
  restarts: number;
  requests_before: number;
}

export interface Life extends Counted {
  readonly session: Session;
  /** Resolves when its agents stand; throws what stopped it, with nothing left of it. */
  readonly opened: Promise<Session>;
  readonly seats: readonly Seat[];
  isReady(): boolean;
  /** Looks whether somebody has used it since the last look. */
  lookForUse(): void;
  restart(index: number): Promise<void>;
  end(reason: EndReason, problem?: unknown): Promise<void>;
}

export function beginLife(options: LifeOptions): Life {
  const { id, request, mode, clock, tell } = options;
  const opened_at_ms = Date.now();
  const began_ms = clock();
  const seats = Array.from({ length: request.agents }, newSeat);
  const stopping = new AbortController();
  const ended = Promise.withResolvers<EndReason>();
  let state: SessionState = 'starting';
  let reason: EndReason | undefined;
  let used_ms = began_ms;
  let stand: Stand | undefined;
  let ending: Promise<void> | undefined;

  const modeNow = (): SessionMode => (stand === undefined ? mode : modeOf(stand));
  const view = (): SessionView => ({
    id,
    user: request.user,
    mode: modeNow(),
    state,
    ports: stand?.ports ?? [],
    agents: stand === undefined ? [] : stand.agents.map((agent, index) => viewOf(agent, seats[index], state)),
    opened_at_ms,
    last_used_at_ms: Math.round(opened_at_ms + used_ms - began_ms),
    ...(reason === undefined ? {} : { ended: reason }),
  });

  const standing = (async () => options.standUp({ id, ...request, signal: stopping.signal }))();

  const finish = async (why: EndReason, problem: unknown): Promise<void> => {
    reason = why;
    state = 'ending';
    request.signal?.removeEventListener('abort', onGone);
    stopping.abort(new Error(`Session ${id} of "${request.user}" is being ended.`));
    const failures: unknown[] = problem === undefined ? [] : [problem];
    // What its start threw is told to whoever opened it.
    stand = await standing.catch(() => undefined);
    try {
      await stand?.[Symbol.asyncDispose]();
    } catch (error) {
      failures.push(error);
    }
    state = 'ended';
    options.forget();
    const { user } = request;
    if (problem instanceof SessionRefused)
      tell({ phase: 'refused', user, limit: problem.limit, message: problem.message });
    else
      tell({
        phase: 'ended',
        session: view(),
        reason: why,
        ...(failures.length === 0 ? {} : { problem: failures.map(reasonOf).join(' ') }),
      });
    ended.resolve(why);
    const stuck = failures.filter((failure) => failure !== problem);
    if (stuck.length > 0) throw stuck[0];
  };
  const end = (why: EndReason, problem?: unknown): Promise<void> => {
    ending ??= finish(why, problem);
    // Those who wait for it are told; those who ended it in passing have the event.
    ending.catch(() => {});
    return ending;
  };
  const onGone = (): void => void end('client-gone');
  request.signal?.addEventListener('abort', onGone, { once: true });

  const session: Session = {
    id,
    get mode() {
      return modeNow();
    },
    get agents() {
      return stand?.agents ?? [];
    },
    get ports() {
      return stand?.ports ?? [];
    },
    view,
    touch: () => {
      used_ms = clock();
    },
    ended: ended.promise,
    [Symbol.asyncDispose]: () => end('asked'),
  };

  const open = async (): Promise<Session> => {
    try {
      const up = await standing;
      if (ending === undefined) {
        stand = up;
        state = 'ready';
        for (const seat of seats) seat.health = 'healthy';
        session.touch();
        tell({ phase: 'opened', session: view(), boot_ms: used_ms - began_ms });
        return session;
      }
    } catch (error) {
      if (ending === undefined) {
        await end('failed', error);
        throw error;
      }
    }
    await ending;
    throw new Error(
      `Failed to open a session for "${request.user}": it was ended (${reason}) while its agents were starting.`,
    );
  };

  return {
    user: request.user,
    ...(request.address === undefined ? {} : { address: request.address }),
    lastUsed_ms: () => used_ms,
    session,
    seats,
    opened: open(),
    isReady: () => state === 'ready',
    lookForUse: () => {
      // Each is asked, also when the first has been used: an answer is about the time since the last question.
      if ((stand?.agents ?? []).map((agent) => agent.used?.()).includes(true)) session.touch();
    },
    restart: async (index) => {
      const before = stand?.agents[index];
      const counted = before?.requests?.() ?? 0;
      await stand?.restart(index);
      const seat = seats[index];
      if (seat !== undefined && stand?.agents[index] !== before) seat.requests_before += counted;
    },
    end,
  };
}

/** A session that fell back is told as what it is, and not as what was asked for. */
function modeOf({ agents }: Stand): SessionMode {
  return agents.some(({ how }) => how === 'simulated') ? 'simulated' : 'real';
}

function newSeat(): Seat {
  return { health: 'starting', failures: 0, restarts: 0, requests_before: 0 };
}

function viewOf(agent: Agent, seat: Seat = newSeat(), state: SessionState): SessionAgentView {
  const requests = agent.requests?.();
  return {
    name: agent.name,
    url: agent.url,
    ...(agent.how === 'simulated' ? {} : { port: Number(new URL(agent.url).port) }),
    health: state === 'ended' ? 'stopped' : seat.health,
    restarts: seat.restarts,
    ...(requests === undefined ? {} : { requests: seat.requests_before + requests }),
  };
}
