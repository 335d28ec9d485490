import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openSlimFetch } from './slim-fetch.ts';

async function startServer(listener: RequestListener) {
  const server = createServer(listener);
  const seen = { connections: 0 };
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    seen,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const openFetch = (origin: string, connections_max: number) =>
  openSlimFetch({ origin, connections_max, answer_bytes_max: 1_000, user_agent: 'test' });

const JSON_TYPE = 'application/json';

test('who comes when all connections are busy is asked in his turn, and over no more connections than there may be', async () => {
  const asked: string[] = [];
  await using server = await startServer((request, response) => {
    asked.push(String(request.url));
    setImmediate(() => response.writeHead(200, { 'content-type': JSON_TYPE }).end(request.url));
  });
  await using slim = openFetch(server.origin, 3);
  const paths = Array.from({ length: 50 }, (_, place) => `/${place}`);
  const answers = await Promise.all(
    paths.map(async (path) => (await slim.fetch(`${server.origin}${path}`, {})).text()),
  );
  expect(answers).toEqual(paths);
  expect(new Set(asked)).toEqual(new Set(paths));
  expect(server.seen.connections).toBe(3);
  expect(slim.traffic()).toMatchObject({ connections_opened: 3, connections_open: 3 });
});

test('who waits is told when all is broken off, and so is who comes later', async () => {
  await using server = await startServer(() => {});
  const slim = openFetch(server.origin, 1);
  const calls = [1, 2, 3].map((place) => slim.fetch(`${server.origin}/${place}`, {}));
  const ended = Promise.allSettled(calls);
  await slim[Symbol.asyncDispose]();
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await expect(slim.fetch(`${server.origin}/4`, {})).rejects.toThrow('destroyed');
});

test('a connection that breaks, a request that cannot be sent and a reader who leaves each make room for the next', async () => {
  await using server = await startServer((request, response) => {
    if (request.url === '/breaks') request.socket.destroy();
    else if (request.url === '/streams')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': x\n\n');
    else response.writeHead(200, { 'content-type': JSON_TYPE, connection: 'close' }).end('answer');
  });
  await using slim = openFetch(server.origin, 1);
  const fetchFrom = (path: string, headers = {}) => slim.fetch(`${server.origin}${path}`, { method: 'POST', headers });
  const broken = fetchFrom('/breaks');
  const unsendable = Array.from({ length: 3_000 }, () => fetchFrom('/', { 'x-odd': 'a\nb' }));
  const answers = [fetchFrom('/'), fetchFrom('/')];
  expect((await Promise.allSettled(unsendable)).every(({ status }) => status === 'rejected')).toBe(true);
  await expect(broken).rejects.toThrow();
  for (const answer of answers) expect(await (await answer).text()).toBe('answer');
  const stream = await fetchFrom('/streams', { Accept: 'text/event-stream' });
  const next = fetchFrom('/');
  await stream.body?.cancel();
  expect(await (await next).text()).toBe('answer');
});
