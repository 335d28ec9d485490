/**
 * Agents that answer in this process stand in for real ones: all of them in simulated mode, and with `--fallback simulated`
 * those for whom there is no port left. Never without being asked for, and each is told in the history as simulated.
 */
import { simulatedUrl, startSimulated } from '../agents/start-simulated.ts';
import type { Agent, Fixture, Respond, SimulateOptions } from '../model/live.ts';
import type { AgentName } from '../model/op.ts';
import { crewName, type PeerName } from '../model/peers.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { Stand, StandUp } from '../model/session.ts';
import { answerThrough } from '../msw/answer-through.ts';
import { type Cast, openCast } from './cast.ts';
import type { LiveTarget } from './options.ts';
import { sessionCast } from './session-cast.ts';
import type { Stage, StageOptions } from './stage.ts';
import { askOf, isOutOfPorts, standSimulated, urlsBeside } from './stand-simulated.ts';

/** Where an agent finds those that it delegates to, and how it reaches them where they have no socket. */
export type PeerAccess = Pick<SimulateOptions, 'peer' | 'crew' | 'fetch'>;

export interface Simulating {
  stand(name: AgentName, access?: PeerAccess): Promise<Agent>;
  standPeers(): Promise<PeerAccess>;
  readonly standSession: StandUp;
  /** Does the first; and the second when ports ran out, if the plan falls back and the scenario allows it. */
  unlessPorts<A, B>(real: () => Promise<A>, simulated: () => Promise<B>): Promise<A | B>;
}

export function simulating(options: StageOptions, cast: Cast): Simulating {
  const { plan, scenario, target, signal } = options;
  const start = async (name: AgentName, fixture: Fixture, access?: PeerAccess) => {
    return startSimulated({ name, fixture, through: answerThrough, signal, ...(access && { peer: access }) });
  };
  const stand = (name: AgentName, access?: PeerAccess): Promise<Agent> => {
    if (target.kind !== 'fixture') throw new Error(`Cannot simulate "${name}": only a fixture can be simulated`);
    return cast.stand(name, 'simulated', () => start(name, target.fixture, access));
  };
  const { memberAt, urlsOf } = sessionCast(target, options.crew);
  const inSessions = new Map<string, Respond>();
  const standInSession = async (name: AgentName, index: number): Promise<Agent> => {
    const urlAt = urlsBeside(name);
    const member = memberAt(index);
    const crew = urlsOf(urlAt);
    const agent =
      member === undefined
        ? await stand(name, Object.keys(crew).length === 0 ? undefined : { crew, fetch: askOf(inSessions) })
        : await cast.stand(name, 'simulated', () => start(name, member));
    if (member !== undefined && agent.respond !== undefined) inSessions.set(urlAt(index), agent.respond);
    return agent;
  };
  // A fault needs a process or a connection to break.
  const fallsBack = plan.fallback === 'simulated' && scenario.faults.length === 0 && scenario.process !== 'own';
  return {
    stand,
    async standPeers() {
      const responds = new Map<string, Respond>();
      const standPeer = async (name: PeerName, fixture: Fixture): Promise<string> => {
        const { respond, url } = await cast.stand(name, 'simulated', () => start(name, fixture));
        const { origin } = new URL(url);
        if (respond !== undefined) responds.set(origin, respond);
        return origin;
      };
      const peer = hasPeer(target) ? { peer: await standPeer('peer', options.peer) } : {};
      const crew: Record<string, string> = {};
      for (const [role, fixture] of Object.entries(options.crew ?? {}))
        crew[role] = await standPeer(crewName(role), fixture);
      return { ...peer, crew, fetch: askOf(responds) };
    },
    standSession: standSimulated({
      holderOf: ({ user }) => user,
      start: standInSession,
      stop: ({ name }) => {
        inSessions.delete(simulatedUrl(name));
        return cast.stop(name);
      },
    }),
    async unlessPorts(real, simulated) {
      try {
        return await real();
      } catch (error) {
        if (!fallsBack || !isOutOfPorts(error)) throw error;
        return simulated();
      }
    },
  };
}

/** One that has its work done by a peer which it does not name is not known to: a scenario that breaks the peer gives it one. */
export const hasPeer = (target: LiveTarget): boolean => target.kind === 'fixture' && target.fixture.peer !== undefined;

/** A stage without ports, processes and proxies. */
export function openSimulatedStage(options: StageOptions): Stage {
  const cast = openCast(options.plan, options.emit);
  const simulated = simulating(options, cast);
  const sessions = new Map<string, Stand>();
  return {
    async startTarget() {
      return simulated.stand('agent', await simulated.standPeers());
    },
    wireOf: cast.wireOf,
    transportsOf: cast.transportsOf,
    transportOf: (name) => cast.wireOf(name)?.transport,
    processOf: () => undefined,
    proxyOf: () => undefined,
    lieOf: () => undefined,
    toxicsOf: () => undefined,
    async openSession(session, agents) {
      try {
        const stand = await simulated.standSession({ id: session, user: session, agents, signal: options.signal });
        sessions.set(session, stand);
        return { type: 'ok', value: { value: stand.agents.map(({ name }) => name).join(',') } };
      } catch (error) {
        return { type: 'fail', error: { code: 'session-refused', message: reasonOf(error) } };
      }
    },
    async closeSession(session) {
      const stand = sessions.get(session);
      sessions.delete(session);
      await stand?.[Symbol.asyncDispose]();
      return { type: 'ok', value: {} };
    },
    measure: cast.measure,
    probe: cast.probe,
    [Symbol.asyncDispose]: () => cast[Symbol.asyncDispose](),
  };
}
