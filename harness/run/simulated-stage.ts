/**
 * Agents that answer in this process stand in for real ones: all of them in simulated mode, and with `--fallback simulated`
 * those for whom there is no port left. Never without being asked for, and each is told in the history as simulated.
 */
import { startSimulated } from '../agents/start-simulated.ts';
import type { Agent, Fixture, SimulateOptions } from '../model/live.ts';
import type { AgentName } from '../model/op.ts';
import type { Stand } from '../model/session.ts';
import { answerThrough } from '../msw/answer-through.ts';
import { PortsExhausted } from '../ports/ports-exhausted.ts';
import { type Cast, openCast } from './cast.ts';
import { reasonOf } from './reason-of.ts';
import type { Stage, StageOptions } from './stage.ts';

/** Where an agent finds its peer, and how it reaches it where the peer has no socket. */
export type PeerAccess = Required<Pick<SimulateOptions, 'peer'>> & Pick<SimulateOptions, 'fetch'>;

export interface Simulating {
  stand(name: AgentName, access?: PeerAccess): Promise<Agent>;
  standPeer(): Promise<PeerAccess>;
  /** Throws what a start throws; then none of its agents stands. */
  standSession(session: { readonly user: string; readonly agents: number }): Promise<Stand>;
  /** Does the first; and the second when ports ran out, if the plan falls back and the scenario allows it. */
  unlessPorts<A, B>(real: () => Promise<A>, simulated: () => Promise<B>): Promise<A | B>;
}

export function simulating(options: StageOptions, cast: Cast): Simulating {
  const { plan, scenario, target, signal } = options;
  const start = async (name: AgentName, fixture: Fixture, access?: PeerAccess) => {
    const peer = access && { peer: access.peer, fetch: access.fetch ?? fetch };
    const starting = { name, fixture, through: answerThrough, signal, ...(peer && { peer }) };
    return startSimulated(starting);
  };
  const stand = (name: AgentName, access?: PeerAccess): Promise<Agent> => {
    if (target.kind !== 'fixture') throw new Error(`Cannot simulate "${name}": only a fixture can be simulated`);
    return cast.stand(name, 'simulated', () => start(name, target.fixture, access));
  };
  // A fault needs a process or a connection to break.
  const fallsBack = plan.fallback === 'simulated' && scenario.faults.length === 0 && scenario.process !== 'own';
  return {
    stand,
    async standPeer() {
      const { respond, url } = await cast.stand('peer', 'simulated', () => start('peer', options.peer));
      return {
        peer: new URL(url).origin,
        fetch: async (input, init) => {
          if (respond === undefined) throw new Error('Cannot reach the peer: it is not simulated');
          return respond(new Request(input, init));
        },
      };
    },
    async standSession({ user, agents: count }) {
      const names = Array.from({ length: count }, (_, index) => `${user}/agent-${index + 1}`);
      const stop = async (): Promise<void> => {
        for (const name of names) await cast.stop(name);
      };
      const starts = await Promise.allSettled(names.map((name) => stand(name)));
      const agents = starts.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
      const failed = starts.find((each) => each.status === 'rejected');
      if (failed !== undefined) {
        await stop();
        throw failed.reason;
      }
      const restart = async (index: number): Promise<void> => {
        const name = names[index];
        if (name === undefined) throw new Error(`Session of ${user} has no agent ${index + 1}.`);
        await cast.stop(name);
        agents[index] = await stand(name);
      };
      return { agents, ports: [], restart, [Symbol.asyncDispose]: stop };
    },
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

/** A session is refused by a sentence of its own, with the ports as its cause. */
const isOutOfPorts = (error: unknown): boolean =>
  error instanceof PortsExhausted || (error instanceof Error && error.cause instanceof PortsExhausted);

/** A stage without ports, processes and proxies. */
export function openSimulatedStage(options: StageOptions): Stage {
  const cast = openCast(options.plan, options.emit);
  const simulated = simulating(options, cast);
  const sessions = new Map<string, Stand>();
  return {
    async startTarget() {
      const hasPeer = options.target.kind === 'fixture' && options.target.fixture.peer !== undefined;
      return simulated.stand('agent', hasPeer ? await simulated.standPeer() : undefined);
    },
    wireOf: cast.wireOf,
    processOf: () => undefined,
    proxyOf: () => undefined,
    async openSession(session, agents) {
      try {
        const stand = await simulated.standSession({ user: session, agents });
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
    probe: cast.probe,
    [Symbol.asyncDispose]: () => cast[Symbol.asyncDispose](),
  };
}
