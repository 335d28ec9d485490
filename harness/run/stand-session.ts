/**
 * What a session stands on: a block of ports, and an agent on each port that it needs. All of them start at once; when one
 * cannot, or when the session ends meanwhile, the others are stopped and the block is returned.
 */
import type { Agent, PortLease } from '../model/live.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { Stand, StandUp } from '../model/session.ts';
import { PortsExhausted } from '../ports/ports-exhausted.ts';
import { SessionRefused } from '../sessions/session-refused.ts';
import type { Blocks } from './blocks.ts';

export interface Place {
  readonly name: string;
  readonly index: number;
  readonly user: string;
  readonly port: number;
  /** Where the other agents of the session are, or will be. */
  readonly peers: readonly string[];
  /** Whose ports they are: `take` or `free` the port before something else binds it. */
  readonly lease: PortLease;
  readonly signal: AbortSignal;
}

export interface StandOptions {
  readonly blocks: Blocks;
  /** How the session is called where its ports are listed; its agents are `holder/agent-1` and so on. */
  readonly holderOf: (session: { readonly id: string; readonly user: string }) => string;
  readonly start: (place: Place) => Promise<Agent>;
  readonly stop: (agent: Agent) => Promise<void>;
}

export function standOnBlocks({ blocks, holderOf, start, stop }: StandOptions): StandUp {
  return async ({ id, user, agents: count, signal }) => {
    const holder = holderOf({ id, user });
    const places = (lease: PortLease): Place[] =>
      lease.ports.slice(0, count).map((port, index, ports) => {
        const peers = othersThan(port, ports);
        return { name: `${holder}/agent-${index + 1}`, index, user, port, peers, lease, signal };
      });

    const { started: agents, lease } = await blocks
      .startOn(holder, async (block) => {
        signal.throwIfAborted();
        const starts = await Promise.allSettled(places(block).map(start));
        const up = starts.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
        const failed = starts.find((each) => each.status === 'rejected');
        if (failed === undefined && !signal.aborted) return up;
        await stopAll(up, stop);
        throw failed?.reason ?? signal.reason;
      })
      .catch((error: unknown) => {
        throw error instanceof PortsExhausted ? refusalOf(error) : error;
      });

    const seats = places(lease);
    const restarts = new Map<number, Promise<void>>();
    let stopped: Promise<void> | undefined;

    const restart = async (index: number): Promise<void> => {
      const [old, seat] = [agents[index], seats[index]];
      if (old === undefined || seat === undefined) throw new Error(`Session ${id} has no agent ${index + 1}.`);
      if ('restart' in old && typeof old.restart === 'function') {
        await old.restart();
        return;
      }
      await stop(old);
      agents[index] = await start(seat);
    };

    const takeDown = async (): Promise<void> => {
      await Promise.allSettled(restarts.values());
      try {
        await stopAll(agents, stop);
      } finally {
        await blocks.giveBack(lease);
      }
    };

    const stand: Stand = {
      agents,
      ports: lease.ports,
      restart: (index) => {
        if (stopped !== undefined)
          return Promise.reject(new Error(`Failed to start an agent of session ${id} again: the session is ending.`));
        // One after the other, whoever asks.
        const next = (restarts.get(index) ?? Promise.resolve()).catch(() => {}).then(() => restart(index));
        restarts.set(index, next);
        return next;
      },
      [Symbol.asyncDispose]: () => {
        stopped ??= takeDown();
        return stopped;
      },
    };
    return stand;
  };
}

/** Where a port is, is known before anybody listens there. */
export const othersThan = (port: number, ports: readonly number[]): readonly string[] =>
  ports.filter((other) => other !== port).map((other) => `http://127.0.0.1:${other}`);

/** Every one of them, also when one cannot be stopped. */
async function stopAll(agents: readonly Agent[], stop: (agent: Agent) => Promise<void>): Promise<void> {
  const failures = (await Promise.allSettled(agents.map(stop))).flatMap((each) =>
    each.status === 'rejected' ? [each.reason] : [],
  );
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(reasonOf).join(' '));
}

export function refusalOf(error: PortsExhausted): SessionRefused {
  const { held, all, message } = error;
  return new SessionRefused(message, { limit: 'ports', in_use: held, allowed: all }, { cause: error });
}
