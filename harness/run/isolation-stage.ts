/**
 * The sessions of a scenario that compares isolation strategies: opened and ended by its script, stood up by the strategy that its
 * plan names, each step told in the history. What the strategies cost is reckoned from there.
 */
import type { Transport } from '../model/a2a.ts';
import type { Unstamped } from '../model/history.ts';
import type { Wire } from '../model/live.ts';
import type { AgentName, Outcome } from '../model/op.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { IsolationName, Session } from '../model/session.ts';
import type { Ground, Isolation } from '../sessions/isolation/isolation.ts';
import { isolationStrategies } from '../sessions/isolation/table.ts';
import { openSessions } from '../sessions/open-sessions.ts';
import { SessionRefused } from '../sessions/session-refused.ts';
import type { Cast } from './cast.ts';
import { failureOf, type StageSessions, UNLIMITED } from './stage-sessions.ts';

export interface IsolatedOptions {
  readonly strategy: IsolationName;
  readonly ground: Ground;
  readonly cast: Cast;
  readonly agents_max: number;
  readonly scenario_ms_max: number;
  readonly emit: (event: Unstamped) => void;
  /** Ends whoever still waits for a session: the scenario is being stopped, and nobody's turn comes any more. */
  readonly signal: AbortSignal;
}

export interface IsolatedSessions extends StageSessions {
  wireOf(name: AgentName, over?: Transport): Pick<Wire, 'perform'> | undefined;
}

/** Throws what the strategy needs and cannot have. */
export async function openIsolatedSessions(options: IsolatedOptions): Promise<IsolatedSessions> {
  const { strategy, ground, cast, emit, signal } = options;
  await using opening = new AsyncDisposableStack();
  const isolation = opening.use(await isolationStrategies[strategy].open(ground));
  const sessions = opening.use(
    openSessions({
      mode: 'real',
      limits: { ...UNLIMITED, idle_ms_max: options.scenario_ms_max },
      agents_max: options.agents_max,
      standUp: isolation.standUp,
    }),
  );
  const closers = opening.move();
  const open = new Map<string, Session>();
  return {
    async open(name, agents) {
      emit({ type: 'session', phase: 'asked', session: name, isolation: strategy, agents });
      try {
        const session = await sessions.open({ user: name, agents, signal });
        open.set(name, session);
        emit({ type: 'session', phase: 'opened', session: name, ports: session.ports });
        return { type: 'ok', value: { value: session.agents.map((agent) => agent.name).join(',') } };
      } catch (error) {
        const message = reasonOf(error);
        emit(
          error instanceof SessionRefused
            ? { type: 'session', phase: 'refused', session: name, limit: error.limit, message }
            : { type: 'session', phase: 'failed', session: name, message },
        );
        return failureOf(error);
      }
    },
    async close(name) {
      const session = open.get(name);
      open.delete(name);
      if (session !== undefined) emit({ type: 'session', phase: 'ended', session: name, reason: 'asked' });
      await session?.[Symbol.asyncDispose]();
      return { type: 'ok', value: {} };
    },
    wireOf: (name, over) => (isolation.gateOf === undefined ? cast.wireOf(name, over) : gated(isolation, cast, name)),
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
  };
}

/** A call waits at the gate until its agent is there, which shows in how long it took. */
function gated(isolation: Isolation, cast: Cast, name: AgentName): Pick<Wire, 'perform'> | undefined {
  const gate = isolation.gateOf?.(name);
  if (gate === undefined) return undefined;
  return {
    perform: (op, options) =>
      gate(async (): Promise<Outcome> => {
        const wire = cast.wireOf(name);
        return wire?.perform(op, options) ?? notThere(name, 'it was stopped');
      }).catch((error: unknown) => notThere(name, reasonOf(error))),
  };
}

function notThere(name: AgentName, why: string): Outcome {
  return { type: 'fail', error: { code: 'no-such-agent', message: `agent "${name}" is not there: ${why}` } };
}
