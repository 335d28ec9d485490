/**
 * Sessions that have a network of their own: in it their agents always have ports 5001 to 5006, for agents whose ports cannot be
 * chosen, and outside a door on a leased port stands before each. How one gets inside is the strategy's.
 */
import type { Socket } from 'node:net';
import type { Stand, StandUp } from '../../model/session.ts';
import type { Inside } from './inside.ts';
import type { Ground, Program } from './isolation.ts';

export const FIRST_PORT = 5001;
export const LOOPBACK = '127.0.0.1';

/** Disposing ends all that is inside. */
export interface Inner extends AsyncDisposable {
  readonly program: Program;
  /** Connects to a port inside. */
  readonly dial: (port: number) => Socket;
  /** Leaders of sessions whose memory is the session's too, beside the program's. */
  readonly leaders?: readonly number[];
}

export type Asked = Parameters<StandUp>[0];

/** Starts what is to be inside; `names` are those of its agents, in order. */
export type Enter = (inside: Inside, names: readonly string[]) => Promise<Inner>;

/** What keeps agents from having ports inside, wherever that is. */
export function whyNotInside(ground: Ground): string | undefined {
  if (ground.commandFor(FIRST_PORT) === undefined)
    return 'an agent that takes its socket from outside has no use for ports inside: leave --socket-activation out';
  if (ground.transport === 'grpc') return 'no gRPC comes through its doors: choose --transport jsonrpc or rest';
  return undefined;
}

export async function standInside(ground: Ground, asked: Asked, enter: Enter): Promise<Stand> {
  const { user, agents: count, signal } = asked;
  await using opening = new AsyncDisposableStack();
  const lease = opening.use(await ground.lease(user));
  const names = Array.from({ length: count }, (_, index) => `${user}/agent-${index + 1}`);
  const inside: Inside = {
    agents: names.map((_, index) => {
      const port = FIRST_PORT + index;
      return { port, command: ground.commandFor(port) ?? '' };
    }),
  };
  const { program, dial, leaders = [] } = opening.use(await enter(inside, names));
  const starts = await Promise.allSettled(
    lease.ports.slice(0, count).map(async (port, index) => {
      const inner = FIRST_PORT + index;
      const seat = { name: names[index] ?? '', index, port, lease, signal };
      const upstream = `http://${LOOPBACK}:${inner}`;
      const agent = await ground.startBehindDoor(seat, { program, upstream, dial: () => dial(inner) });
      opening.defer(() => ground.stop(agent));
      return agent;
    }),
  );
  const agents = starts.map((start) => {
    if (start.status === 'rejected') throw start.reason;
    return start.value;
  });
  opening.defer(() => ground.measure(user, agents, leaders));
  const closers = opening.move();
  return {
    agents,
    ports: lease.ports,
    restart: async () => {
      throw new Error('Failed to start an agent again: what it runs in is shared with the others of its session.');
    },
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
  };
}
