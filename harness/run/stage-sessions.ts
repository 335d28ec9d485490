/** The sessions that the script of a scenario opens and ends, each with agents of its own on a block of its own. */
import { AgentStartError } from '../agents/agent-errors.ts';
import { startFixture } from '../agents/start-fixture.ts';
import type { Fixture } from '../model/live.ts';
import type { Outcome } from '../model/op.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { Session } from '../model/session.ts';
import { openSessions } from '../sessions/open-sessions.ts';
import type { Blocks } from './blocks.ts';
import type { Cast } from './cast.ts';
import { sessionCast } from './session-cast.ts';
import type { Simulating } from './simulated-stage.ts';
import type { StageOptions } from './stage.ts';
import { type Place, standOnBlocks } from './stand-session.ts';
import { howToStart, startAgent, type Told } from './start-agent.ts';

/** The plan says how many come and go, so here they meet no limit but that of the ports. */
export const UNLIMITED = {
  sessions_max: Number.MAX_SAFE_INTEGER,
  sessions_per_user_max: Number.MAX_SAFE_INTEGER,
  sessions_per_address_max: Number.MAX_SAFE_INTEGER,
  starts_per_s_max: Number.MAX_SAFE_INTEGER,
};

export interface StageSessions extends AsyncDisposable {
  open(session: string, agents: number): Promise<Outcome>;
  close(session: string): Promise<Outcome>;
}

/** Nobody watches their health, for an agent that falls silent is what the checks are after. */
export function openStageSessions(
  options: StageOptions,
  blocks: Blocks,
  cast: Cast,
  simulated: Simulating,
  /** Agents that stand already, and those that work for each. */
  standing: () => Pick<Told, 'peers' | 'crew'>,
): StageSessions {
  const how = howToStart(options);
  const idle_ms_max = options.scenario.idle_ms_max ?? options.plan.limits.scenario_ms_max;
  const opened = new Set<string>();
  const { memberAt, urlsOf } = sessionCast(options.target, options.crew);
  const startTarget = ({ name, lease, port, peers }: Place) =>
    cast.stand(name, how, () => {
      const told = standing();
      const crew = { ...told.crew, ...urlsOf((each) => `http://127.0.0.1:${lease.ports[each]}`, peers.length + 1) };
      return startAgent(options, name, { lease, ports: [port] }, { crew, peers: [...(told.peers ?? []), ...peers] });
    });
  const startMember = (fixture: Fixture, { name, lease, port, signal }: Place) =>
    cast.stand(name, 'in-process', async () => {
      await options.agentStarts?.(port);
      return startFixture({ name, fixture, port, held: lease.take(port), signal });
    });
  const standUp = standOnBlocks({
    blocks,
    holderOf: ({ user }) => user,
    start: (place) => {
      const member = memberAt(place.index);
      return member === undefined ? startTarget(place) : startMember(member, place);
    },
    stop: ({ name }) => cast.stop(name),
  });
  const sessions = openSessions({
    mode: 'real',
    limits: { ...UNLIMITED, idle_ms_max },
    agents_max: options.plan.ports.block,
    onEvent: (event) => {
      if (event.phase !== 'opened' && event.phase !== 'ended') return;
      const { user: session, ports } = event.session;
      if (event.phase === 'opened') {
        opened.add(session);
        options.emit({ type: 'session', session, phase: 'opened', ports });
      } else if (opened.delete(session)) {
        options.emit({ type: 'session', session, phase: 'ended', reason: event.reason });
      }
    },
    standUp: (session) =>
      simulated.unlessPorts(
        () => standUp(session),
        () => simulated.standSession(session),
      ),
  });
  const open = new Map<string, Session>();
  return {
    async open(name, agents) {
      try {
        const session = await sessions.open({ user: name, agents });
        open.set(name, session);
        return { type: 'ok', value: { value: session.agents.map((agent) => agent.name).join(',') } };
      } catch (error) {
        return failureOf(error);
      }
    },
    async close(name) {
      const session = open.get(name);
      open.delete(name);
      await session?.[Symbol.asyncDispose]();
      return { type: 'ok', value: {} };
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}

/** An agent that does not start is the agent's doing; everything else is no room. */
export function failureOf(error: unknown): Outcome {
  const code = error instanceof AgentStartError ? 'session-failed' : 'session-refused';
  return { type: 'fail', error: { code, message: reasonOf(error) } };
}
