/** A client that follows the rewritten card must come back through the proxy, and find everything else as it was. */
import { expect, test } from 'vitest';
import { ask, noAbort, read, serve } from '../testing.ts';
import { isCardPath, rewriteCard } from './card.ts';
import { openProxy } from './proxy.ts';

const upstream = new URL('http://127.0.0.1:5000');
const proxy = new URL('http://127.0.0.1:6000');

const tunnelTo = async ({ port }: URL) => `http://127.0.0.1:${Number(port) + 1000}`;
const move = { upstream, proxy, tunnelTo };

async function rewritten(card: unknown): Promise<unknown> {
  return JSON.parse((await rewriteCard(JSON.stringify(card), move)) ?? '');
}

test('interfaces at the upstream move to the proxy, others stay, and gRPC goes through a tunnel', async () => {
  const card = {
    name: 'echo',
    supportedInterfaces: [
      { url: 'http://127.0.0.1:5000/a2a/jsonrpc/?x=1', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: 'http://localhost:5000', protocolBinding: 'HTTP+JSON', tenant: 'blue' },
      { url: 'http://127.0.0.1:5001/other', protocolBinding: 'JSONRPC' },
      { url: '127.0.0.1:5002', protocolBinding: 'GRPC' },
      { url: 'grpc://localhost:5003/x', protocolBinding: 'GRPC' },
      { url: 'grpcs://127.0.0.1:5004', protocolBinding: 'GRPC' },
      { url: 'elsewhere.example:5005', protocolBinding: 'GRPC' },
      { url: 'not a url', protocolBinding: 'JSONRPC' },
    ],
    skills: [{ id: 'http://127.0.0.1:5000' }],
  };
  expect(await rewritten(card)).toEqual({
    name: 'echo',
    supportedInterfaces: [
      { url: 'http://127.0.0.1:6000/a2a/jsonrpc/?x=1', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: 'http://127.0.0.1:6000', protocolBinding: 'HTTP+JSON', tenant: 'blue' },
      { url: 'http://127.0.0.1:5001/other', protocolBinding: 'JSONRPC' },
      { url: '127.0.0.1:6002', protocolBinding: 'GRPC' },
      { url: 'grpc://127.0.0.1:6003/x', protocolBinding: 'GRPC' },
      { url: 'not a url', protocolBinding: 'JSONRPC' },
    ],
    skills: [{ id: 'http://127.0.0.1:5000' }],
  });
});

test('a card of A2A 0.3 moves too', async () => {
  const card = {
    url: 'http://0.0.0.0:5000/',
    additionalInterfaces: [{ url: 'http://[::1]:5000/r', transport: 'HTTP+JSON' }],
  };
  expect(await rewritten(card)).toEqual({
    url: 'http://127.0.0.1:6000/',
    additionalInterfaces: [{ url: 'http://127.0.0.1:6000/r', transport: 'HTTP+JSON' }],
  });
});

test('what is no JSON object is left alone', async () => {
  for (const text of ['', '<html>', '[1]', 'null', '"x"']) expect(await rewriteCard(text, move)).toBeUndefined();
  expect(await rewritten({ supportedInterfaces: [null, 7, { url: 9 }] })).toEqual({
    supportedInterfaces: [null, 7, { url: 9 }],
  });
});

test('the card is found below any base path and with a query', () => {
  expect(isCardPath('/team/.well-known/agent-card.json?fresh=1')).toBe(true);
  expect(isCardPath('/?x=/.well-known/agent-card.json')).toBe(false);
});

test('over HTTP the card comes whole with its own length, and a page in its place passes as it is', async () => {
  await using agent = await serve((incoming, outgoing) => {
    const base = `http://127.0.0.1:${incoming.socket.localPort}`;
    const card = { supportedInterfaces: [{ url: `${base}/rpc`, protocolBinding: 'JSONRPC' }], name: 'caf\u00e9' };
    outgoing.setHeader('content-type', 'application/json');
    outgoing.setHeader('etag', '"1"');
    if (incoming.url?.startsWith('/page')) outgoing.writeHead(404).end('<h1>no card</h1>');
    else if (incoming.url?.startsWith('/huge'))
      outgoing.end(JSON.stringify({ ...card, filler: 'x'.repeat(5_000_000) }));
    else outgoing.end(JSON.stringify(card));
  });
  await using through = await openProxy({ upstream: agent.url, signal: noAbort });
  const path = '/.well-known/agent-card.json';

  const answer = await ask(`${through.url}${path}`, { headers: { 'accept-encoding': 'gzip' } });
  const { text } = await read(answer);
  expect(JSON.parse(text)).toEqual({
    supportedInterfaces: [{ url: `${through.url}/rpc`, protocolBinding: 'JSONRPC' }],
    name: 'caf\u00e9',
  });
  expect(answer.headers).toMatchObject({ 'content-length': String(Buffer.byteLength(text)), etag: '"1"' });

  expect((await read(await ask(`${through.url}/page${path}`))).text).toBe('<h1>no card</h1>');
  expect((await read(await ask(`${through.url}/huge${path}`))).text).toContain(`${agent.url}/rpc`);
});
