/** From lease to agent without a gap, and what strangers see of a port that is only held. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { isFree } from './free-port.ts';
import { handOver, holdPort, holdPorts } from './hold-port.ts';

/** Of this file alone: no other test binds here. */
const FIRST = 19_700 + (process.pid % 50);

const listening = async (server: Server, port: number, host: string): Promise<Server> => {
  server.listen(port, host);
  await once(server, 'listening');
  return server;
};

/** The code of the error that a connection ends with, or what it was sent. */
const knock = async (port: number, host = '127.0.0.1'): Promise<string> => {
  const socket = connect(port, host);
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    said = error.code ?? error.message;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return said;
};

test.each(['127.0.0.1', '0.0.0.0', '::', '::1', '127.0.0.2'])(
  'a port where somebody listens at %s is not free, and cannot be held',
  async (host) => {
    await using other = await listening(createServer(), FIRST, host);
    expect(await isFree(FIRST)).toBe(false);
    expect(await holdPort(FIRST)).toBeUndefined();
    expect(other.listening).toBe(true);
  },
);

test('who connects to a port that is only held is reset, and nobody else can listen there', async () => {
  const held = await holdPort(FIRST);
  expect(await knock(FIRST)).toBe('ECONNRESET');
  for (const host of ['127.0.0.1', '0.0.0.0', '::'])
    await expect(listening(createServer(), FIRST, host)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await held?.close();
  expect(await knock(FIRST)).toBe('ECONNREFUSED');
});

test.each([
  ['of net', () => createServer((socket) => socket.end('taken')), knock],
  [
    'of http',
    () => createHttpServer((_, response) => response.setHeader('connection', 'close').end('taken')),
    async (port: number) => (await fetch(`http://127.0.0.1:${port}`)).text(),
  ],
] as const)('a server %s takes over the very socket, and closing it frees the port', async (_, open, ask) => {
  const held = await holdPort(FIRST);
  if (held === undefined) throw new Error(`port ${FIRST} is taken`);
  const { handle, close } = handOver(held);
  const server: Server = open().listen(handle);
  await once(server, 'listening');
  expect(server.address()).toMatchObject({ address: '127.0.0.1', port: FIRST });
  expect(await ask(FIRST)).toBe('taken');
  server.close();
  await once(server, 'close');
  await close();
  expect(await isFree(FIRST)).toBe(true);
});

test('from the moment it is held until its taker answers, no connection is ever refused', async () => {
  const held = await holdPort(FIRST);
  if (held === undefined) throw new Error(`port ${FIRST} is taken`);
  const answers: string[] = [];
  let over = false;
  const knocking = (async () => {
    while (!over) answers.push(await knock(FIRST));
  })();
  while (answers.length < 20) await new Promise(setImmediate);
  const server = createServer((socket) => socket.end('taken')).listen(handOver(held).handle);
  while (answers.at(-1) !== 'taken') await new Promise(setImmediate);
  over = true;
  await knocking;
  server.close();
  await once(server, 'close');
  expect(new Set(answers)).toEqual(new Set(['ECONNRESET', 'taken']));
});

test('of several ports all are held or none', async () => {
  const ports = [FIRST, FIRST + 1, FIRST + 2];
  {
    await using _ = await listening(createServer(), FIRST + 1, '127.0.0.1');
    expect(await holdPorts(ports)).toBeUndefined();
    expect(await Promise.all([isFree(FIRST), isFree(FIRST + 2)])).toEqual([true, true]);
  }
  const held = await holdPorts(ports);
  expect(held?.map(({ port }) => port)).toEqual(ports);
  for (const socket of held ?? []) await socket.close();
  expect(await Promise.all(ports.map(isFree))).toEqual([true, true, true]);
});

const node = async (script: string, limit = ''): Promise<{ code: number | null; stderr: string }> => {
  const child = spawn('/bin/sh', ['-c', `${limit} exec "$0" --input-type=module -e "$1"`, process.execPath, script], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
};

const holdPortUrl = JSON.stringify(new URL('./hold-port.ts', import.meta.url).href);

test('a port that is only held keeps no process alive; one that was handed over and listens does', async () => {
  const held = `const { holdPort, handOver } = await import(${holdPortUrl}); const held = await holdPort(${FIRST});`;
  expect(await node(held)).toEqual({ code: 0, stderr: '' });
  const answers = `${held} const { createServer } = await import('node:net');
    createServer().listen(handOver(held).handle); setTimeout(() => process.exit(7), 300).unref();`;
  expect((await node(answers)).code).toBe(7);
});

test('a process without file descriptors left says so, with what helps', async () => {
  const script = `const { holdPort } = await import(${holdPortUrl});
    for (let port = ${FIRST}; ; port += 1) await holdPort(port);`;
  const { code, stderr } = await node(script, 'ulimit -n 64;');
  expect(code).toBe(1);
  expect(stderr).toMatch(/no file descriptor left \(EMFILE\).*ulimit -n/);
});
