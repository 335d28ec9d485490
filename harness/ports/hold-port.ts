/**
 * Holds ports by listening on them, so that between a lease and the agent that is to answer there nobody can slip in. The
 * agent takes over the very socket. It is never quiet for a moment: until then, who connects is reset, at once.
 */
import type { Server } from 'node:net';
import type { HeldPort } from '../model/live.ts';
import { close, isFree, isTaken, listen } from './free-port.ts';

/** Agents of muster listen here. */
const LOOPBACK = '127.0.0.1';

export interface HeldSocket extends HeldPort {
  readonly handle: Server;
}

/** Nothing when somebody else has the port, at whatever address. A socket that is only held keeps no process alive. */
export const holdPort = async (port: number): Promise<HeldSocket | undefined> => {
  if (!(await isFree(port))) return undefined;
  let server: Server;
  try {
    server = await listen(port, LOOPBACK);
  } catch (error) {
    if (isTaken(error)) return undefined;
    throw error;
  }
  server.unref();
  let closed: Promise<void> | undefined;
  return {
    port,
    handle: server,
    close: () => {
      closed ??= close(server);
      return closed;
    },
  };
};

/** For its taker: from here on the socket counts as any other, and keeps the process alive that listens with it. */
export const handOver = (socket: HeldSocket): HeldPort => {
  socket.handle.ref();
  return socket;
};

/** All of them or none. */
export const holdPorts = async (ports: readonly number[]): Promise<readonly HeldSocket[] | undefined> => {
  const tried = await Promise.allSettled(ports.map(holdPort));
  const held = tried.flatMap((each) => (each.status === 'fulfilled' && each.value !== undefined ? [each.value] : []));
  if (held.length === ports.length) return held;
  await Promise.all(held.map((socket) => socket.close()));
  const failed = tried.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return undefined;
};
