/** Sockets handed to commands: real shells, real agents, and a thief who wants the port. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HeldPort } from '../model/live.ts';
import { StrangerOnPort } from './agent-errors.ts';
import { withListenPid } from './socket-activation.ts';
import { startProcess } from './start-process.ts';
import { openWarden } from './warden.ts';

const CARD = {
  name: 'Activated',
  version: '1.0.0',
  capabilities: {},
  supportedInterfaces: [{ url: 'http://127.0.0.1/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
};

/** Takes descriptor 3 where it is meant for this very process, and binds its port where it is not. */
const AGENT = `
import { createServer } from 'node:http';
const meant = process.env.LISTEN_PID === String(process.pid) && process.env.LISTEN_FDS === '1';
const server = createServer((request, response) => response.end(${JSON.stringify(JSON.stringify(CARD))}));
server.listen(meant && process.argv[2] !== 'binds' ? { fd: 3 } : { port: Number(process.env.PORT), host: '127.0.0.1' });
`;

const bind = async (port: number): Promise<Server | undefined> => {
  const server = createServer((socket) => socket.resetAndDestroy());
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
};

const hold = async (port: number): Promise<HeldPort | undefined> => {
  const server = await bind(port);
  return server && { port, handle: server, close: async () => void server.close() };
};

const bench = async () => {
  await using stack = new AsyncDisposableStack();
  const temp = stack.use(await mkdtempDisposable(join(tmpdir(), 'muster-activation-')));
  const script = join(temp.path, 'agent.mjs');
  writeFileSync(script, AGENT);
  const warden = stack.use(await openWarden());
  // Held from here on, so that nobody else gets it between two lives of a test.
  const first = await bind(0);
  const address = first?.address();
  if (first === undefined || address === null || typeof address !== 'object') throw new Error('no port to be had');
  const { port } = address;
  let lives = 0;
  const release = stack.move();
  return {
    port,
    start: (command: string, openSocket = () => hold(port)) =>
      startProcess({
        name: 'agent',
        command: command.replaceAll('AGENT', `"${process.execPath}" "${script}"`),
        port,
        openSocket: async () => {
          lives += 1;
          return lives === 1 ? { port, handle: first, close: async () => void first.close() } : openSocket();
        },
        log_path: join(temp.path, 'agent.log'),
        warden,
        ready_ms_max: 20_000,
        signal: new AbortController().signal,
        onExit: () => {},
      }),
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
};

const knock = async (port: number): Promise<string> => {
  const socket = connect(port, '127.0.0.1').resume();
  let code = 'connected';
  socket.on('connect', () => socket.destroy());
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return code;
};

test.each(['AGENT', 'AGENT takes "a; b"', 'GREETING="good day" AGENT', 'cd / && exec AGENT', 'exec AGENT 2>&1'])(
  'from being held until the card of `%s` answers, nobody else can bind the port',
  async (command) => {
    await using place = await bench();
    let over = false;
    let stolen = 0;
    let tries = 0;
    const thief = (async () => {
      while (!over) {
        const server = await bind(place.port);
        tries += 1;
        if (server !== undefined) stolen += 1;
        server?.close();
        await new Promise(setImmediate);
      }
    })();
    await using agent = await place.start(command);
    over = true;
    await thief;
    expect(agent.summary.name).toBe('Activated');
    expect(tries).toBeGreaterThan(10);
    expect(stolen).toBe(0);
  },
);

test('nobody keeps a copy: a killed agent refuses connections, and one started again has a new socket', async () => {
  await using place = await bench();
  await using agent = await place.start('AGENT');
  expect(await knock(place.port)).toBe('connected');
  await agent.kill();
  expect(await knock(place.port)).toBe('ECONNREFUSED');
  expect(await agent.restart()).toMatch(/its card answered/);
  expect(await agent.probe(5_000)).toEqual({ answers: true });
});

test('a port that somebody took while the agent was dead is a stranger’s', async () => {
  await using place = await bench();
  await using agent = await place.start('AGENT', async () => undefined);
  await expect(agent.restart()).rejects.toThrow(StrangerOnPort);
});

test('an agent that binds its port all the same is told why it cannot', async () => {
  await using place = await bench();
  const start = place.start('AGENT binds');
  await expect(start).rejects.toThrow(/descriptor 3 .* without --socket-activation/);
  await expect(start).rejects.toThrow(/EADDRINUSE/);
});

test.each([
  ['node agent.js', 'exec node agent.js'],
  ["  node -e 'a(); b()' ", "exec node -e 'a(); b()'"],
  ['node "a\\"; b" x\\;y', 'exec node "a\\"; b" x\\;y'],
  ['PORT=1 node agent.js', 'exec env PORT=1 node agent.js'],
  ['exec node agent.js', 'exec node agent.js'],
  ['cd there; node agent.js', 'cd there; node agent.js'],
  ['a && b', 'a && b'],
  ['(a)', '(a)'],
  ['a\nb', 'a\nb'],
  ['. ./start.sh', '. ./start.sh'],
])('the shell runs %j as %j', (command, run) => {
  expect(withListenPid(command)).toBe(`LISTEN_PID=$$; export LISTEN_PID\n${run}`);
});
