/** Takes the port of an agent that is down, so that it meets another program there. Who connects is reset, and told nothing. */
import { once } from 'node:events';
import { createServer } from 'node:net';

export const occupyPort = async (port: number): Promise<AsyncDisposable> => {
  const server = createServer((socket) => socket.resetAndDestroy());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  let closed: Promise<unknown> | undefined;
  return {
    [Symbol.asyncDispose]: async () => {
      closed ??= new Promise((resolve) => server.close(resolve));
      await closed;
    },
  };
};
