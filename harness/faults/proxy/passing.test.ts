/** What passes where no rule concerns it: the same bytes, however they are cut, and the next message begins where it should. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noAbort } from '../testing.ts';
import { type FaultProxy, openProxy } from './proxy.ts';

/** An agent of bytes: it hears all that comes, and says what it is told to say. */
async function openScene(onConnection: (socket: Socket) => void) {
  const inside = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    inside.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => inside.delete(socket));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy = await openProxy({ upstream, signal: noAbort });
  return {
    proxy,
    host: new URL(upstream).host,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      for (const socket of inside) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function enter(proxy: FaultProxy) {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(proxy.url).port), noDelay: true });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, closed, text: () => text };
}

async function writeCut(socket: Socket, text: string, sizes: readonly number[]): Promise<void> {
  const bytes = Buffer.from(text, 'latin1');
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    if (from < bytes.length) socket.write(bytes.subarray(from, from + size));
    from += size;
    await turn();
  }
}

const exchanges: readonly (readonly [request: string, answer: string])[] = [
  ['GET /plain HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain'],
  ['HEAD /head HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
  ['DELETE /gone HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 204 Gone\r\nX-A: 1\r\n\r\n'],
  ['GET /same HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP/1.1 304 Same\r\nContent-Length: 99\r\n\r\n'],
  [
    'POST /counted HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET ',
    'HTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 201 Made\r\ncontent-length: 0\r\n\r\n',
  ],
  [
    'PUT /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n5\r\nHTTP/\r\n1\r\n1\r\n0\r\nT: 2\r\n\r\n',
  ],
  ['GET /events HTTP/1.1\r\nHost: x\r\n\r\n', eventsIn('data: 1\n\n', 'da', 'ta: 2\n\n', ': ping\n\n')],
];

function eventsIn(...pieces: readonly string[]): string {
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
  return `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
}

/** As the agent should hear it. */
const forwarded = (request: string, host: string): string =>
  request.replace('Host: x\r\n', `Host: ${host}\r\n`).replace('\r\n\r\n', '\r\nAccept-Encoding: identity\r\n\r\n');

/** Chunks that were cut may arrive as several; a reader of HTTP sees the same. */
const unchunked = (text: string): string => {
  const at = text.indexOf('\r\n\r\n') + 4;
  if (!/transfer-encoding: chunked/i.test(text.slice(0, at))) return text;
  let payload = '';
  let from = at;
  for (;;) {
    const line = text.indexOf('\r\n', from);
    const size = Number.parseInt(text.slice(from, line), 16);
    from = line + 2;
    if (size === 0) return `${text.slice(0, at)}${payload}|${text.slice(from)}`;
    payload += text.slice(from, from + size);
    from += size + 2;
  }
};

test('requests that follow one another, pipelined or not, and their answers pass whole, wherever they are cut', async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 8 });
  const order = fc.array(fc.nat(exchanges.length - 1), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(order, cuts, cuts, fc.boolean(), async (indexes, said, answered, isPipelined) => {
      const chosen = indexes.flatMap((index) => (exchanges[index] ? [exchanges[index]] : []));
      const heard: string[] = [];
      let under = '';
      await using scene = await openScene((socket) => {
        socket.on('data', async (chunk) => {
          under += chunk.toString('latin1');
          const [request, answer] = chosen[heard.length] ?? [];
          if (request === undefined || under.length < forwarded(request, scene.host).length) return;
          heard.push(under);
          under = '';
          await writeCut(socket, answer ?? '', answered);
        });
      });
      const client = enter(scene.proxy);
      let came = 0;
      const parts: string[] = [];
      const answerCame = async (answer: string): Promise<void> => {
        const isThere = (): boolean => {
          const text = client.text().slice(came);
          if (!/transfer-encoding/i.test(answer)) return text.length >= answer.length;
          return /\r\n0\r\n(T: 2\r\n)?\r\n$|\r\n0\r\n(T: 2\r\n)?\r\nHTTP/.test(text);
        };
        while (!isThere()) await once(client.socket, 'data');
        const text = client.text().slice(came);
        const length = /transfer-encoding/i.test(answer)
          ? text.search(/\r\n0\r\n/) + (/T: 2/.test(answer) ? 13 : 7)
          : answer.length;
        parts.push(text.slice(0, length));
        came += length;
      };
      if (isPipelined) {
        await writeCut(client.socket, chosen.map(([request]) => request).join(''), said);
        for (const [, answer] of chosen) await answerCame(answer);
      } else {
        for (const [request, answer] of chosen) {
          await writeCut(client.socket, request, said);
          await answerCame(answer);
        }
      }
      expect(heard).toEqual(chosen.map(([request]) => forwarded(request, scene.host)));
      expect(parts.map(unchunked)).toEqual(chosen.map(([, answer]) => unchunked(answer)));
      expect(scene.proxy.counters()).toMatchObject({ connections: 1, requests: chosen.length, bytes_held_now: 0 });
      client.socket.destroy();
    }),
    { numRuns: 60 },
  );
});

test('an answer that ends with its connection, and one that nobody asked for, pass to the end', async () => {
  const unasked = 'HTTP/1.1 408 Late\r\nConnection: close\r\n\r\n';
  await using scene = await openScene((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      socket.once('data', () => socket.end(unasked));
    });
  });
  const client = enter(scene.proxy);
  client.socket.write('GET / HTTP/1.0\r\n\r\n');
  await expect.poll(client.text).toContain('ok');
  client.socket.write('GET / HTTP/1.0\r\n\r\n');
  await client.closed;
  expect(client.text()).toBe(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${unasked}`);
});

test('after an upgrade both sides say what they like, also what came too early', async () => {
  await using scene = await openScene((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Other\r\nUpgrade: talk\r\nConnection: Upgrade\r\n\r\nhello');
      socket.on('data', (chunk) => socket.write(chunk));
      socket.once('end', () => socket.end('bye'));
    });
  });
  const client = enter(scene.proxy);
  client.socket.write('GET /talk HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: talk\r\n\r\n~early');
  await expect.poll(client.text).toMatch(/hello~early$/);
  client.socket.write('GET / HTTP/1.1\r\n\r\n');
  await expect.poll(client.text).toMatch(/early(GET \/ HTTP\/1\.1\r\n\r\n)$/);
  client.socket.end();
  await client.closed;
  expect(client.text()).toMatch(/bye$/);
  expect(scene.proxy.counters()).toMatchObject({ requests: 1, connections_open: 0 });
});

test('an answer that comes before its request is whole does not end it', async () => {
  let heard = '';
  await using scene = await openScene((socket) => {
    socket.on('data', (chunk) => {
      if (heard === '') socket.write('HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n');
      heard += chunk.toString('latin1');
      if (heard.endsWith('/next HTTP/1.1\r\nAccept-Encoding: identity\r\n\r\n')) socket.end('HTTP/1.1 204 No\r\n\r\n');
    });
  });
  const client = enter(scene.proxy);
  client.socket.write('POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc');
  await expect.poll(client.text).toContain('413');
  client.socket.write('defGET /next HTTP/1.1\r\n\r\n');
  await client.closed;
  expect(heard).toContain('\r\n\r\nabcdefGET /next');
  expect(client.text()).toMatch(/204 No\r\n\r\n$/);
});

test('a rule that comes while an answer stands in the middle of a chunk finds its client between two', async () => {
  let go: ((text: string) => void) | undefined;
  await using scene = await openScene((socket) => {
    socket.once('data', () => {
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n12\r\ndata: 1\n\nda',
      );
      go = (text) => socket.write(text);
    });
  });
  const client = enter(scene.proxy);
  client.socket.write('GET / HTTP/1.1\r\n\r\n');
  await expect.poll(client.text).toMatch(/data: 1\n\nda\r\n$/);
  scene.proxy.add({ name: 'drop', onEvent: (event, nth) => ({ hit: nth === 1, out: nth === 1 ? [] : [event] }) });
  go?.('ta: 2\n\n\r\n9\r\ndata: 3\n\n\r\n9\r\ndata: 4\n\n\r\n0\r\n\r\n');
  await expect.poll(client.text).toMatch(/0\r\n\r\n$/);
  expect(unchunked(client.text()).split('\r\n\r\n')[1]).toBe('data: 1\n\ndata: 2\n\ndata: 4\n\n|\r\n');
  client.socket.destroy();
});
