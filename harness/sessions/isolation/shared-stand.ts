/**
 * One set of agents for several sessions, counted: it is started with the first of them and stopped with the last. While it is
 * being stopped nobody is let in; who comes then is the first of the next set.
 */
import type { Stand, StandUp } from '../../model/session.ts';

type Asked = Parameters<StandUp>[0];

interface AgentSet {
  readonly stand: Promise<Stand>;
  readonly stopping: AbortController;
  /** The user who came first. */
  readonly owner: string;
  users: number;
}

export interface SharedStand {
  /** Whose set it is that stands or starts at this moment. */
  owner(): string | undefined;
  join(session: Asked): Promise<Stand>;
}

/** `name` is the user that the set of agents is started for. */
export function shareStand(standUp: StandUp, name: string): SharedStand {
  let current: AgentSet | undefined;
  let stopped: Promise<unknown> = Promise.resolve();

  const begin = ({ user, agents }: Asked): AgentSet => {
    const stopping = new AbortController();
    const stand = stopped.then(() => standUp({ id: name, user: name, agents, signal: stopping.signal }));
    const set: AgentSet = { stand, stopping, owner: user, users: 0 };
    // A set that could not be started is nobody's: the next who comes tries again.
    stand.catch(() => forget(set));
    return set;
  };
  const forget = (set: AgentSet): void => {
    if (current === set) current = undefined;
  };
  const leave = async (set: AgentSet): Promise<void> => {
    set.users -= 1;
    if (set.users > 0) return;
    forget(set);
    set.stopping.abort(new Error(`Nobody uses the agents of "${name}" any more.`));
    const stop = set.stand.then(
      (stand) => stand[Symbol.asyncDispose](),
      // Whoever joined it was told.
      () => {},
    );
    stopped = stop.then(
      () => {},
      () => {},
    );
    await stop;
  };

  return {
    owner: () => current?.owner,
    async join(session) {
      session.signal.throwIfAborted();
      current ??= begin(session);
      const set = current;
      set.users += 1;
      let left: Promise<void> | undefined;
      const leaveOnce = (): Promise<void> => {
        left ??= leave(set);
        return left;
      };
      try {
        const stand = await unlessAborted(set.stand, session.signal);
        if (session.agents > stand.agents.length) {
          throw new Error(
            `Failed to open a session of ${session.agents} agents for "${session.user}": the agents of "${name}" are shared, and there are ${stand.agents.length} of them. Ask for as many at most.`,
          );
        }
        return {
          get agents() {
            return stand.agents.slice(0, session.agents);
          },
          ports: stand.ports,
          restart: stand.restart,
          [Symbol.asyncDispose]: leaveOnce,
        };
      } catch (error) {
        await leaveOnce();
        throw error;
      }
    },
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
