/** A client that is there must not look like a leak, and a connection that was left and kept must: before a real process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { measureSession } from './measure.ts';
import { HAS_PROC, sessionLedBy } from './process-table.ts';

/** Keeps its side of every connection open. */
const SERVER = `
const server = require('node:net').createServer({ allowHalfOpen: true }, (socket) => socket.resume());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

test.skipIf(!HAS_PROC)(
  'clients who are there are counted apart, and who has left but is kept is not one',
  { timeout: 30_000 },
  async () => {
    const child = spawn(process.execPath, ['-e', SERVER], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = await once(child.stdout, 'data');
    const session = sessionLedBy(child.pid ?? 0);
    const own = async (): Promise<readonly [own: number, clients: number]> => {
      const { descriptors = 0, connections = 0 } = (await measureSession(session)) ?? {};
      return [descriptors - connections, connections];
    };
    const [before] = await own();
    const sockets = [await connectTo(Number(line)), await connectTo(Number(line))];
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    expect(await own()).toEqual([before, 2]);
    // It says that it has nothing more to say, and is never answered.
    sockets[0]?.end();
    await expect.poll(own, { timeout: 15_000 }).toEqual([before + 1, 1]);
  },
);
