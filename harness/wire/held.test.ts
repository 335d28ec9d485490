/** Requests that wait for their last byte, before a plain HTTP server: it has all of the others, and it has none whole. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { SendOp } from '../model/op.ts';
import { openWire } from './wire.ts';

const PARTIES = 20;

async function startCounting() {
  const seen = { bytes: 0, announced: 0, whole: 0 };
  const server = createServer((request, response) => {
    seen.announced += Number(request.headers['content-length']);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      seen.bytes += chunk.length;
      chunks.push(chunk);
    });
    request.on('end', () => {
      seen.whole += 1;
      const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: unknown };
      const result = { message: { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: 'x' }] } };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    seen,
    url,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const openTo = (url: string) =>
  openWire({
    card: { supportedInterfaces: [{ protocolBinding: 'JSONRPC', protocolVersion: '1.0', url }] },
    url,
    answer_bytes_max: 1_000_000,
    stream_events_max: 10,
    connections_max: PARTIES,
    user_agent: 'test',
  });

const sendOf = (index: number): SendOp => ({
  op: 'SendMessage',
  agent: 'agent',
  behaviour: 'short',
  messageId: `m${index}`,
  text: 'grüße →',
  token: 't',
  echoes: false,
});

async function eventually(holds: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 10_000 && !holds(); turn += 1) await new Promise(setImmediate);
  return holds();
}

test('all bytes but the last are with the agent before any request is whole, and then all become whole', async () => {
  await using server = await startCounting();
  await using wire = await openTo(server.url);
  const gate = Promise.withResolvers<void>();
  let ready = 0;
  const hold = () => {
    ready += 1;
    return gate.promise;
  };
  const options = { headers: {}, signal: new AbortController().signal, timeout_ms: 5_000, onEvent: () => {}, hold };
  const outcomes = Promise.all(Array.from({ length: PARTIES }, (_, index) => wire.perform(sendOf(index), options)));
  const { seen } = server;
  const isHeld = () => seen.announced > 0 && seen.bytes === seen.announced - PARTIES;
  expect(await eventually(() => ready === PARTIES && isHeld())).toBe(true);
  expect(seen.whole).toBe(0);
  gate.resolve();
  expect((await outcomes).map(({ type }) => type)).toEqual(Array.from({ length: PARTIES }, () => 'ok'));
  expect(seen.whole).toBe(PARTIES);
});

test('the time that a request is held does not count, and leaving one ends it', async () => {
  await using server = await startCounting();
  await using wire = await openTo(server.url);
  const leaving = new AbortController();
  const gate = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const hold = () => {
    held.resolve();
    return gate.promise;
  };
  const timeout_ms = 20;
  const since_ms = performance.now();
  let isOver = false;
  const op = wire
    .perform(sendOf(0), { headers: {}, timeout_ms, onEvent: () => {}, hold, signal: leaving.signal })
    .finally(() => {
      isOver = true;
    });
  await held.promise;
  while (performance.now() - since_ms < 2 * timeout_ms) await new Promise(setImmediate);
  expect(isOver).toBe(false);
  leaving.abort();
  expect(await op).toMatchObject({ type: 'info', error: { code: 'aborted' } });
  gate.resolve();
  expect(server.seen.whole).toBe(0);
});
