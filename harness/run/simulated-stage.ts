/**
 * Agents that answer in this process stand in for real ones: all of them in simulated mode, and with `--fallback simulated`
 * those for whom there is no port left. Never without being asked for, and each is told in the history as simulated.
 */
import { startSimulated } from '../agents/start-simulated.ts';
import type { Agent, Fixture, SimulateOptions } from '../model/live.ts';
import type { AgentName } from '../model/op.ts';
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
  /** Throws what a start throws; then none of them stands. */
  standAll(names: readonly AgentName[]): Promise<undefined>;
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
    async standAll(names) {
      const failed = (await Promise.allSettled(names.map((name) => stand(name)))).find(
        (each) => each.status === 'rejected',
      );
      if (failed === undefined) return undefined;
      for (const name of names) await cast.stop(name);
      throw failed.reason;
    },
    async unlessPorts(real, simulated) {
      try {
        return await real();
      } catch (error) {
        if (!fallsBack || !(error instanceof PortsExhausted)) throw error;
        return simulated();
      }
    },
  };
}

/** A stage without ports, processes and proxies. */
export function openSimulatedStage(options: StageOptions): Stage {
  const cast = openCast(options.plan, options.emit);
  const simulated = simulating(options, cast);
  const sessions = new Map<string, readonly AgentName[]>();
  return {
    async startTarget() {
      const hasPeer = options.target.kind === 'fixture' && options.target.fixture.peer !== undefined;
      return simulated.stand('agent', hasPeer ? await simulated.standPeer() : undefined);
    },
    wireOf: cast.wireOf,
    processOf: () => undefined,
    proxyOf: () => undefined,
    async openSession(session, agents) {
      const names = Array.from({ length: agents }, (_, index) => `${session}/agent-${index + 1}`);
      try {
        await simulated.standAll(names);
      } catch (error) {
        return { type: 'fail', error: { code: 'session-refused', message: reasonOf(error) } };
      }
      sessions.set(session, names);
      return { type: 'ok', value: { value: names.join(',') } };
    },
    async closeSession(session) {
      for (const name of sessions.get(session) ?? []) await cast.stop(name);
      sessions.delete(session);
      return { type: 'ok', value: {} };
    },
    probe: cast.probe,
    [Symbol.asyncDispose]: () => cast[Symbol.asyncDispose](),
  };
}
