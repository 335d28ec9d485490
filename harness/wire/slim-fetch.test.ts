import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSlimFetch } from './slim-fetch.ts';
import { startDecoding } from './slim-response.ts';

const CHUNK = Buffer.alloc(50_000, ': x\n');
const CHUNKS_MAX = 2_000;
const BOM = Buffer.from('\ufeff');

/** Pours 100 MB of SSE comments as fast as they are taken. */
async function startPouring() {
  const poured = { chunks: 0 };
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-two': ['a', 'b'] });
    const pour = () => {
      let taken = true;
      while (taken && poured.chunks < CHUNKS_MAX) {
        taken = response.write(CHUNK);
        poured.chunks += 1;
      }
      if (poured.chunks === CHUNKS_MAX) {
        response.end();
      }
    };
    response.on('drain', pour);
    pour();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    poured,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

test('a stream that nobody reads holds its sender back, and goes on to the end when it is read', async () => {
  await using server = await startPouring();
  const { origin } = server;
  await using slim = openSlimFetch({ origin, connections_max: 1, answer_bytes_max: 10_000_000, user_agent: 'test' });
  const response = await slim.fetch(`${origin}/`, { method: 'POST', headers: { Accept: 'text/event-stream' } });
  for (let tick = 0; tick < 5_000; tick += 1) {
    await new Promise(setImmediate);
  }
  expect(server.poured.chunks).toBeLessThan(CHUNKS_MAX / 2);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let characters = 0;
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    characters += next.value.length;
  }
  expect(characters).toBe(CHUNKS_MAX * CHUNK.length);
});

test('a response shows its head, and a reader that leaves closes the connection', async () => {
  await using server = await startPouring();
  const { origin } = server;
  await using slim = openSlimFetch({ origin, connections_max: 1, answer_bytes_max: 10_000_000, user_agent: 'test' });
  const response = await slim.fetch(`${origin}/`, { method: 'POST', headers: { Accept: 'text/event-stream' } });
  const names: string[] = [];
  response.headers.forEach((value, name) => void names.push(`${name}: ${value}`));
  expect(names).toContain('x-two: a, b');
  expect([response.status, response.statusText, response.headers.get('Content-Type')]).toEqual([
    200,
    'OK',
    'text/event-stream',
  ]);
  await response.body?.cancel();
  const again = await slim.fetch(`${origin}/`, { method: 'POST', headers: { Accept: 'text/event-stream' } });
  expect(again.ok).toBe(true);
});

test('only the origin that it was opened for is fetched', async () => {
  const options = { connections_max: 1, answer_bytes_max: 1_000, user_agent: 'test' };
  await using slim = openSlimFetch({ origin: 'http://127.0.0.1:9', ...options });
  await expect(slim.fetch('http://example.com/', {})).rejects.toThrow(/this connection set is for http:\/\/127/);
  await expect(slim.fetch('http://127.0.0.1:99/', {})).rejects.toThrow(/for http:\/\/127\.0\.0\.1:9 only/);
});

test('the text of a stream is what a TextDecoder makes of it, wherever its chunks end', () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text)),
    fc.string({ maxLength: 20 }).map((text) => Buffer.from(`\ufeff${text}`)),
  );
  fc.assert(
    fc.property(fc.array(anyBytes, { maxLength: 6 }), fc.array(fc.nat(120), { maxLength: 5 }), (parts, cuts) => {
      const bytes = Buffer.concat(parts);
      const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
      const decode = startDecoding();
      const text = ends.map((end, index) => decode(bytes.subarray(ends[index - 1] ?? 0, end))).join('') + decode();
      expect(text).toBe(new TextDecoder().decode(bytes));
    }),
    { numRuns: 300, examples: [[[BOM, BOM], [1]]] },
  );
});
