/**
 * A session costs ports and nothing else until somebody asks one of its agents something: then this agent is started, and it is
 * stopped when it has not been asked for a while. Every such start is a cold one that a request waits for, and what the agent
 * had in memory is gone with each stop; both are told.
 */
import type { Agent, PortLease } from '../../model/live.ts';
import type { AgentName } from '../../model/op.ts';
import type { Stand, StandUp } from '../../model/session.ts';
import type { Gate, Ground, IsolationStrategy, Seat } from './isolation.ts';
import { keepsNothing } from './isolation.ts';
import { openSleeper, type Sleeper } from './sleeper.ts';

/** Short enough for a scenario to see it happen; an app would take minutes. */
export const IDLE_MS = 250;

type Asked = Parameters<StandUp>[0];

interface Slot {
  readonly sleeper: Sleeper;
  readonly agent: () => Agent;
}

export const onDemand: IsolationStrategy = {
  title: `An agent is started by the first request to it, and stopped ${IDLE_MS} ms after the last`,
  async open(ground) {
    const gates = new Map<AgentName, Gate>();

    const standUp = async (session: Asked): Promise<Stand> => {
      const lease = await ground.lease(session.user);
      const slots = lease.ports.slice(0, session.agents).map((port, index) => {
        const name = `${session.user}/agent-${index + 1}`;
        const slot = openSlot(ground, session, { name, index, port, lease, signal: session.signal });
        gates.set(name, slot.sleeper.gate);
        return { name, slot };
      });
      let ended: Promise<void> | undefined;
      const end = async (): Promise<void> => {
        for (const { name } of slots) gates.delete(name);
        await endAll(
          slots.map(({ slot }) => slot.sleeper),
          lease,
        );
      };
      return {
        get agents() {
          return slots.map(({ slot }) => slot.agent());
        },
        ports: lease.ports,
        restart: async () => {
          throw new Error('Failed to start an agent again: it is started when somebody asks it something.');
        },
        [Symbol.asyncDispose]: () => {
          ended ??= end();
          return ended;
        },
      };
    };
    return { standUp, gateOf: (agent) => gates.get(agent), [Symbol.asyncDispose]: keepsNothing };
  },
};

function openSlot(ground: Ground, session: Asked, seat: Seat): Slot {
  let standing: Agent | undefined;
  const sleeper = openSleeper({
    idle_ms: IDLE_MS,
    async wake() {
      const asked_ms = performance.now();
      standing = await ground.start(seat);
      // From the request on: what it waits for another agent to boot is part of it.
      const boot_ms = Math.round((performance.now() - asked_ms) * 1000) / 1000;
      ground.tell({ type: 'session', phase: 'woken', session: session.user, agent: seat.name, boot_ms });
    },
    async sleep() {
      const agent = standing;
      standing = undefined;
      if (agent === undefined) return;
      ground.measure(agent.name, [agent]);
      await ground.stop(agent);
    },
  });
  return { sleeper, agent: () => standing ?? sleeping(seat) };
}

/** What is known of an agent that does not run. */
function sleeping({ name, port }: Seat): Agent {
  return {
    name,
    how: 'process',
    url: `http://127.0.0.1:${port}/`,
    card: {},
    summary: { name: '', version: '', streaming: false, pushNotifications: false, transports: [] },
    boot_ms: 0,
    owns: () => false,
    probe: async () => ({ answers: false, reason: 'it sleeps until somebody asks it something' }),
    [Symbol.asyncDispose]: keepsNothing,
  };
}

async function endAll(sleepers: readonly Sleeper[], lease: PortLease): Promise<void> {
  const ends = await Promise.allSettled(sleepers.map((sleeper) => sleeper[Symbol.asyncDispose]()));
  await lease[Symbol.asyncDispose]();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
