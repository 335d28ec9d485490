/** What a session stands on that has no ports: agents in this process, all of which start or none, and how they reach each other. */
import { simulatedUrl } from '../agents/start-simulated.ts';
import type { Agent, Respond } from '../model/live.ts';
import type { StandUp } from '../model/session.ts';
import { PortsExhausted } from '../ports/ports-exhausted.ts';

export interface SimulatedStandOptions {
  /** The agents are called `holder/agent-1` and so on. */
  readonly holderOf: (session: { readonly id: string; readonly user: string }) => string;
  readonly start: (name: string, index: number, signal: AbortSignal) => Promise<Agent>;
  readonly stop: (agent: Agent) => Promise<void>;
}

export function standSimulated({ holderOf, start, stop }: SimulatedStandOptions): StandUp {
  return async (session) => {
    const { agents: count, signal } = session;
    const names = Array.from({ length: count }, (_, index) => `${holderOf(session)}/agent-${index + 1}`);
    const starts = await Promise.allSettled(names.map((name, index) => start(name, index, signal)));
    const agents = starts.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    const failed = starts.find((each) => each.status === 'rejected');
    if (failed !== undefined || signal.aborted) {
      await Promise.all(agents.map(stop));
      throw failed?.reason ?? signal.reason;
    }
    return {
      agents,
      ports: [],
      restart: async (index) => {
        const [agent, name] = [agents[index], names[index]];
        if (agent === undefined || name === undefined)
          throw new Error(`There is no agent ${index + 1} to start again.`);
        await stop(agent);
        agents[index] = await start(name, index, signal);
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all(agents.map(stop));
      },
    };
  };
}

/** How those are reached who have no socket, by their origin: who asks first may ask before the other stands. */
export const askOf =
  (responds: ReadonlyMap<string, Respond>): typeof fetch =>
  async (...given) => {
    const request = new Request(...given);
    const respond = responds.get(new URL(request.url).origin);
    if (respond === undefined) throw new TypeError(`Failed to reach ${request.url}: no agent is simulated there`);
    return respond(request);
  };

/** Where the agents of the same session are, of which this is one. */
export const urlsBeside =
  (name: string) =>
  (place: number): string =>
    simulatedUrl(name.replace(/\d+$/, String(place + 1)));

/** A session is refused by a sentence of its own, with the ports as its cause. */
export function isOutOfPorts(error: unknown): boolean {
  return error instanceof PortsExhausted || (error instanceof Error && error.cause instanceof PortsExhausted);
}
