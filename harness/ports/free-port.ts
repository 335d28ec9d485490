/**
 * Asks the operating system about ports by binding them for a moment. Only whoever holds a port's lock may ask about it:
 * the question itself would get in the way of an agent that is just about to listen there.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** Each can be taken while the others are free, on one system or another; agents bind any of them. */
const ADDRESSES = ['127.0.0.1', '0.0.0.0', '::'];
const TAKEN = new Set(['EADDRINUSE', 'EACCES']);
/** A system without IPv6. */
const NO_SUCH_ADDRESS = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

const listen = async (port: number, host: string): Promise<Server> => {
  const server = createServer((socket) => socket.destroy());
  server.listen({ port, host, exclusive: true });
  await once(server, 'listening');
  return server;
};

const close = async (server: Server): Promise<void> => {
  server.close();
  await once(server, 'close');
};

export const isFree = async (port: number): Promise<boolean> => {
  for (const host of ADDRESSES) {
    try {
      await close(await listen(port, host));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (TAKEN.has(code)) return false;
      if (!NO_SUCH_ADDRESS.has(code)) throw error;
    }
  }
  return true;
};

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
