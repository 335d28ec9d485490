/**
 * Asks the operating system about ports by binding them for a moment. Only whoever holds a port's lock may ask about it:
 * the question itself would get in the way of an agent that is just about to listen there.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

const TAKEN = new Set(['EADDRINUSE', 'EACCES']);
/** A system without IPv6. */
const NO_SUCH_ADDRESS = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);
const NO_DESCRIPTOR = new Set(['EMFILE', 'ENFILE']);

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

export const isTaken = (error: unknown): boolean => TAKEN.has(codeOf(error));

/** Whoever connects is reset. */
export const listen = async (port: number, host: string): Promise<Server> => {
  const server = createServer((socket) => socket.resetAndDestroy());
  server.listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (!NO_DESCRIPTOR.has(codeOf(error))) throw error;
    throw new Error(
      `Failed to bind port ${port}: this process has no file descriptor left (${codeOf(error)}). Every leased port needs one: raise the limit with "ulimit -n", or lease fewer.`,
      { cause: error },
    );
  }
  return server;
};

export const close = async (server: Server): Promise<void> => {
  server.close();
  await once(server, 'close');
};

/** Undefined where the system has no such address. */
const isFreeAt = async (port: number, host: string): Promise<boolean | undefined> => {
  try {
    await close(await listen(port, host));
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    if (NO_SUCH_ADDRESS.has(codeOf(error))) return undefined;
    throw error;
  }
};

/** On Linux a socket at `::` clashes with every listener there is, at whatever address; one at 0.0.0.0 with all of IPv4. */
const isFreeOnLinux = async (port: number): Promise<boolean> =>
  (await isFreeAt(port, '::')) ?? (await isFreeAt(port, '0.0.0.0')) ?? true;

/** Elsewhere each of these may be had while the others are taken, and agents bind any of them. */
const isFreeAtEach = async (port: number): Promise<boolean> => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) if ((await isFreeAt(port, host)) === false) return false;
  return true;
};

/** Whether an agent could listen there, at whatever address it likes. */
export const isFree: (port: number) => Promise<boolean> = process.platform === 'linux' ? isFreeOnLinux : isFreeAtEach;

/**
 * Ports that the system gives out, until `take` has accepted `count` of them or so many tries are over. All stay bound
 * until the end, so that none is offered twice.
 */
export const portsFromSystem = async (
  count: number,
  tries_max: number,
  take: (port: number) => boolean,
): Promise<number[]> => {
  const servers: Server[] = [];
  const taken: number[] = [];
  try {
    while (taken.length < count && servers.length < tries_max) {
      const server = await listen(0, '127.0.0.1');
      servers.push(server);
      const { port } = server.address() as AddressInfo;
      if (take(port)) taken.push(port);
    }
  } finally {
    await Promise.all(servers.map(close));
  }
  return taken;
};
