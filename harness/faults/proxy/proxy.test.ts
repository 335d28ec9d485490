/** Without a rule, a client must not be able to tell the proxy from the agent behind it. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { ask, eventStream, failureOf, noAbort, read, serve } from '../testing.ts';
import type { CallFacts } from './match.ts';
import { openProxy } from './proxy.ts';

test('status, reason, headers with their case and repetition, and body cross unchanged', async () => {
  let seen: IncomingMessage | undefined;
  await using agent = await serve((incoming, outgoing) => {
    seen = incoming;
    incoming.resume();
    outgoing.sendDate = false;
    outgoing.writeHead(418, 'Teapot', [
      'X-Twice',
      'one',
      'x-twice',
      'two',
      'Content-Length',
      '5',
      'X-Latin',
      'caf\u00e9',
    ]);
    outgoing.end(Buffer.from('hello'));
  });
  await using proxy = await openProxy({ upstream: `${agent.url}/base`, signal: noAbort });
  expect(proxy.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/base$/);

  const headers = { 'X-Ask': ['a', 'b'], Authorization: 'Bearer me', Connection: 'x-mine', 'X-Mine': 'hop' };
  const answer = await ask(`${proxy.url}/rpc?x=1`, { method: 'DELETE', headers });

  expect(await read(answer)).toEqual({ text: 'hello' });
  expect([answer.statusCode, answer.statusMessage]).toEqual([418, 'Teapot']);
  expect(answer.rawHeaders.slice(0, 8)).toEqual([
    ...['X-Twice', 'one', 'x-twice', 'two', 'Content-Length', '5', 'X-Latin', 'caf\u00e9'],
  ]);
  expect(answer.headers).not.toHaveProperty('date');
  expect([seen?.method, seen?.url, seen?.headers.host]).toEqual(['DELETE', '/base/rpc?x=1', `127.0.0.1:${agent.port}`]);
  expect(seen?.headersDistinct).toMatchObject({ 'x-ask': ['a', 'b'], authorization: ['Bearer me'] });
  expect(seen?.headers).not.toHaveProperty('x-mine');
  expect(seen?.headers['accept-encoding']).toBe('identity');
});

test('request bodies cross piece by piece, chunked or counted, also after Expect: 100-continue', async () => {
  await using agent = await serve((incoming, outgoing) => {
    outgoing.setHeader(
      'x-framing',
      incoming.headers['transfer-encoding'] ?? incoming.headers['content-length'] ?? 'none',
    );
    incoming.pipe(outgoing);
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });

  const chunked = request(proxy.url, { method: 'POST' });
  chunked.write('first');
  const [echo] = (await once(chunked, 'response')) as [IncomingMessage];
  expect(String((await once(echo, 'data'))[0])).toBe('first');
  chunked.end('second');
  expect((await read(echo)).text).toBe('second');
  expect(echo.headers['x-framing']).toBe('chunked');

  expect((await ask(proxy.url, { method: 'POST' })).headers['x-framing']).toBe('0');
  expect((await ask(proxy.url)).headers['x-framing']).toBe('none');

  const patient = request(proxy.url, { method: 'POST', headers: { expect: '100-continue', 'content-length': 4 } });
  patient.flushHeaders();
  await once(patient, 'continue');
  patient.end('late');
  const [late] = (await once(patient, 'response')) as [IncomingMessage];
  expect(await read(late)).toEqual({ text: 'late' });
});

test('who wants to know is told what each call asks for, with its body, whether rules read it or not, and of no card', async () => {
  await using agent = await serve((incoming, outgoing) => {
    incoming.resume();
    outgoing.end('{}');
  });
  const heard: string[] = [];
  const onCall = ({ operation, message }: CallFacts, body: string) =>
    heard.push(`${operation} ${message} ${body.length}`);
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort, onCall });
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'SendMessage',
    params: { message: { messageId: 'm1' } },
  });
  const post = async () => {
    const asking = request(proxy.url, { method: 'POST' });
    asking.write(body.slice(0, 20));
    asking.end(body.slice(20));
    await read(((await once(asking, 'response')) as [IncomingMessage])[0]);
  };
  await post();
  using _rule = proxy.add({ name: 'answer-lost', match: { operation: 'CancelTask' }, losesAnswer: true });
  await post();
  await read(await ask(`${proxy.url}/tasks/t1`, { method: 'GET' }));
  await read(await ask(`${proxy.url}/.well-known/agent-card.json`, { method: 'GET' }));
  expect(heard).toEqual([`SendMessage m1 ${body.length}`, `SendMessage m1 ${body.length}`, 'GetTask undefined 0']);
});

test('an event arrives while its stream is still open', async () => {
  let finish: (() => void) | undefined;
  await using agent = await serve((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: 1\n\n');
    finish = () => outgoing.end('data: 2\n\n');
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const answer = await ask(proxy.url);
  expect(String((await once(answer, 'data'))[0])).toBe('data: 1\n\n');
  finish?.();
  expect(await read(answer)).toEqual({ text: 'data: 2\n\n' });
  expect(proxy.counters()).toMatchObject({ connections: 1, requests: 1, streams: 1, effects: {} });
});

test('two hundred streams at once arrive whole and in order', async () => {
  await using agent = await serve(eventStream(50));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, user) => await read(await ask(`${proxy.url}/${user}`, { agent: false }))),
  );
  for (const [user, answer] of answers.entries()) {
    const events = Array.from({ length: 50 }, (_, n) => `data: {"path":"/${user}","n":${n}}\n\n`);
    expect(answer).toEqual({ text: events.join('') });
  }
  expect(proxy.counters()).toMatchObject({ requests: 200, streams: 200 });
});

test('a kept-alive client connection is one upstream connection, and ends when the agent ends it', async () => {
  await using agent = await serve((_incoming, outgoing) => outgoing.end('ok'));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  using keeping = disposable(new Agent({ keepAlive: true, maxSockets: 1 }));
  for (let turn = 0; turn < 5; turn += 1) {
    const answer = await ask(proxy.url, { agent: keeping.agent });
    expect(await read(answer)).toEqual({ text: 'ok' });
    expect(answer.headers['keep-alive']).toBe('timeout=120');
  }
  expect(proxy.counters()).toMatchObject({ connections: 1, requests: 5 });
  expect(agent.sockets.size).toBe(1);
  for (const socket of agent.sockets) socket.end();
  await expect.poll(() => proxy.counters().connections_open).toBe(0);
  expect((await read(await ask(proxy.url, { agent: keeping.agent }))).text).toBe('ok');
});

test('pipelined requests are answered in their order', async () => {
  await using agent = await serve((incoming, outgoing) => outgoing.end(`${incoming.url};`));
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const client = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  client.write(get('/1') + get('/2') + get('/3', 'Connection: close\r\n'));
  let text = '';
  client.on('data', (chunk) => {
    text += chunk;
  });
  await once(client, 'close');
  expect(text.match(/\/\d;/g)).toEqual(['/1;', '/2;', '/3;']);
});

test('a client that leaves mid-stream is gone for the agent too', async () => {
  const left: Promise<unknown>[] = [];
  await using agent = await serve((_incoming, outgoing) => {
    left.push(once(outgoing, 'close'));
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: 1\n\n');
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const answer = await ask(proxy.url);
  await once(answer, 'data');
  answer.destroy();
  await Promise.all(left);
  await expect.poll(() => proxy.counters()).toMatchObject({ connections_open: 0, upstream_connections_open: 0 });
});

test('what the agent does to its connection mid-stream is done to the client, after all that came before', async () => {
  const end: { readonly [path: string]: (socket: Socket) => void } = {
    '/reset': (socket) => socket.resetAndDestroy(),
    '/close': (socket) => socket.end(),
  };
  await using agent = await serve((incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: 1\n\n', () => end[incoming.url ?? '']?.(incoming.socket));
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  for (const path of Object.keys(end)) {
    const answer = await ask(`${proxy.url}${path}`);
    const closed = new Promise<boolean>((resolve) => answer.socket.once('close', resolve));
    const [broke, received] = await Promise.all([closed, read(answer)]);
    expect(received).toEqual({ text: 'data: 1\n\n', error: 'ECONNRESET' });
    expect([path, broke]).toEqual([path, path === '/reset']);
  }
});

test('an agent that is not there looks as if it were not there, and one that comes back on its port is found', async () => {
  const port = await (async () => {
    await using gone = await serve(() => undefined);
    return gone.port;
  })();
  await using proxy = await openProxy({ upstream: `http://127.0.0.1:${port}`, signal: noAbort });
  expect(await failureOf(proxy.url)).toBe('ECONNRESET');
  for (let life = 0; life < 3; life += 1) {
    await using _agent = await serve((_incoming, outgoing) => outgoing.end('ok'), port);
    expect((await read(await ask(proxy.url))).text).toBe('ok');
  }
  expect(await failureOf(proxy.url)).toBe('ECONNRESET');
});

test('an agent that answers what HTTP does not allow ends the connection and harms nobody else', async () => {
  await using agent = await serve((incoming, outgoing) => {
    if (incoming.url === '/junk') incoming.socket.end('HTTP/1.1 042 Odd\r\nContent-Length: 0\r\n\r\n');
    else outgoing.end('ok');
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  expect(await failureOf(`${proxy.url}/junk`)).toBe('ECONNRESET');
  expect((await read(await ask(proxy.url))).text).toBe('ok');
});

test('a reader that does not read holds the agent back, and gets everything in the end', async () => {
  const bytes = 64 * 1_048_576;
  let written = 0;
  await using agent = await serve((_incoming, outgoing) => {
    const chunk = Buffer.alloc(65_536, 'x');
    const write = (): void => {
      while (written < bytes) {
        written += chunk.length;
        if (!outgoing.write(chunk)) return;
      }
      outgoing.end();
    };
    outgoing.on('drain', write);
    write();
  });
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const answer = await ask(proxy.url);
  let before = -1;
  await expect
    .poll(
      () => {
        const stands = before === written;
        before = written;
        return stands;
      },
      { interval: 100 },
    )
    .toBe(true);
  expect(written).toBeLessThan(bytes);
  let received = 0;
  for await (const chunk of answer) received += (chunk as Buffer).length;
  expect(received).toBe(bytes);
});

const slow = { name: 'latency', pace: { hold_ms: 3_600_000 } } as const;

test('disposing, twice, leaves no socket and no listener open', async () => {
  const sockets = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));
  await expect.poll(sockets).toEqual([]);
  await (async () => {
    await using agent = await serve((incoming, outgoing) => {
      if (incoming.url === '/open') outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      else outgoing.end('ok');
    });
    const proxy = await openProxy({ upstream: agent.url, signal: noAbort });
    using keeping = disposable(new Agent({ keepAlive: true }));
    await read(await ask(proxy.url, { agent: keeping.agent }));
    const rule = proxy.add(slow);
    const held = failureOf(proxy.url, { agent: false });
    await expect.poll(() => rule.effect().hits).toBe(1);
    rule[Symbol.dispose]();
    proxy.add(slow);
    expect(await held).toBe('answered');
    const dropped = failureOf(`${proxy.url}/open`, { agent: false });
    await expect.poll(() => proxy.counters().streams).toBe(1);
    await Promise.all([proxy[Symbol.asyncDispose](), proxy[Symbol.asyncDispose]()]);
    expect(await dropped).toBe('ECONNRESET');
    expect(await failureOf(proxy.url, { agent: false })).toBe('ECONNREFUSED');
    expect(proxy.counters()).toMatchObject({ connections_open: 0, upstream_connections_open: 0, bytes_held_now: 0 });
  })();
  await expect.poll(sockets).toEqual([]);
  expect(process.getActiveResourcesInfo()).not.toContain('Timeout');
});

test('opening names what is wrong with an upstream, and an aborted signal opens nothing', async () => {
  await expect(openProxy({ upstream: 'ftp://agent.example', signal: noAbort })).rejects.toThrow(
    'Failed to open a proxy in front of "ftp://agent.example": it is no http:// or https:// URL',
  );
  const reason = new Error('interrupted');
  const aborted = openProxy({ upstream: 'http://127.0.0.1:1', signal: AbortSignal.abort(reason) });
  await expect(aborted).rejects.toBe(reason);
});

function disposable(agent: Agent): { readonly agent: Agent } & Disposable {
  return { agent, [Symbol.dispose]: () => agent.destroy() };
}

test('with a socket that is handed over and a way to dial it listens there and gets through where no address leads', async () => {
  await using agent = await serve((incoming, outgoing) => outgoing.end(`${incoming.headers.host}`));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const held = { port, handle: server, close: async () => void server.close() };
  const dial = (): Socket => connect(agent.port, '127.0.0.1');
  await using proxy = await openProxy({ upstream: 'http://127.0.0.1:1', held, dial, signal: noAbort });
  expect(proxy.url).toBe(`http://127.0.0.1:${port}`);
  expect(await read(await ask(proxy.url))).toEqual({ text: '127.0.0.1:1' });
});

test('a proxy that is not opened after all closes the socket that it was handed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const held = { port, handle: server, close: async () => void server.close() };
  const signal = AbortSignal.abort(new Error('Ctrl-C'));
  await expect(openProxy({ upstream: 'http://127.0.0.1:1', held, signal })).rejects.toThrow('Ctrl-C');
  expect(server.listening).toBe(false);
});

test('a client that leaves while its answer is held back is gone at once, and so is what was held', async () => {
  await using agent = await serve((_incoming, outgoing) => outgoing.writeHead(204).end());
  await using proxy = await openProxy({ upstream: agent.url, signal: noAbort });
  const rule = proxy.add(slow);
  const client = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await expect.poll(() => rule.effect().hits).toBe(1);
  client.end();
  await expect.poll(() => proxy.counters()).toMatchObject({ connections_open: 0, upstream_connections_open: 0 });
  await expect.poll(() => agent.sockets.size).toBe(0);
});
