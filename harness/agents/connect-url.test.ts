/** Addresses as users mistype them, and servers as they are met: each failure is one sentence. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { cardUrl, connectUrl } from './connect-url.ts';
import { whyNoAnswer } from './fetch-card.ts';

const CARD = {
  name: 'Deployed',
  version: '1.0.0',
  capabilities: {},
  supportedInterfaces: [{ url: 'http://127.0.0.1/', protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' }],
};

const serving = async (server: Server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function')
        server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

const serve = (listener: RequestListener) => serving(createServer(listener));

const connect = (url: string, timeout_ms = 20_000) =>
  connectUrl({ name: 'agent', url, timeout_ms, signal: new AbortController().signal });

test('a deployed agent is found below its address, and probed under the name it had', async () => {
  let name = 'Deployed';
  await using server = await serve((request, response) => {
    const found = request.url === '/a2a/.well-known/agent-card.json';
    response.writeHead(found ? 200 : 404).end(found ? JSON.stringify({ ...CARD, name }) : '');
  });
  await using agent = await connect(`${server.url}/a2a/`);
  expect(agent).toMatchObject({ how: 'url', url: `${server.url}/a2a/.well-known/agent-card.json`, card: CARD });
  expect(agent.summary.transports).toEqual(['rest']);
  expect(await agent.probe(20_000)).toEqual({ answers: true });
  name = 'Someone else';
  expect((await agent.probe(20_000)).reason).toBe('it now calls itself “Someone else” instead of “Deployed”');
});

test('the address of a card is asked as it is, and redirects are followed', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/old.json?key=1') response.writeHead(301, { location: '/cards/new.json' }).end();
    else response.end(JSON.stringify(CARD));
  });
  await using agent = await connect(`${server.url}/old.json?key=1`);
  expect(agent.url).toBe(`${server.url}/cards/new.json`);
});

test.each([
  ['https://agents.example', 'https://agents.example/.well-known/agent-card.json'],
  ['https://agents.example/pizza/?tenant=a#top', 'https://agents.example/pizza/.well-known/agent-card.json?tenant=a'],
  ['http://127.0.0.1:5000/card.json', 'http://127.0.0.1:5000/card.json'],
  ['localhost:5000', undefined],
  ['ftp://agents.example', undefined],
  ['https://user:secret@agents.example', undefined],
  ['agent', undefined],
])('the card of %s is at %s', (url, expected) => {
  expect(cardUrl(url)).toBe(expected);
});

test.each([
  [
    'HTML',
    200,
    { 'content-type': 'text/html' },
    '<h1>Welcome\u202e</h1>',
    /it answered HTML, not an agent card: “<h1>Welcome <\/h1>”\./,
  ],
  ['an error status', 503, {}, 'try\u001b[31m later', /it answered 503 “Service Unavailable” .*: “try \[31m later”/],
  ['JSON that is no card', 200, {}, '{"status":"ok"}', /JSON that is no agent card/],
  ['a list', 200, {}, '[]', /JSON that is no agent card/],
  ['nothing', 200, {}, '', /not JSON: an empty body/],
  ['a card without interfaces', 200, {}, '{"name":"x"}', /names no interface/],
  ['a card of A2A 0.2', 200, {}, '{"name":"x","protocolVersion":"0.2.6","url":"http://x"}', /"JSONRPC 0\.2\.6"/],
  ['too much', 200, {}, `"${'x'.repeat(1024 * 1024)}"`, /more than 1024 KiB/],
  [
    'too much, well packed',
    200,
    { 'content-encoding': 'gzip' },
    gzipSync(`"${'x'.repeat(9_000_000)}"`),
    /more than 1024 KiB/,
  ],
])('a server that answers %s is told in words', async (_, status, headers, body, sentence) => {
  await using server = await serve((_request, response) => response.writeHead(status, headers).end(body));
  await expect(connect(server.url)).rejects.toThrow(sentence);
});

test('a server that is silent, and one that stops in the middle, run out of time', async () => {
  await using silent = await serve(() => {});
  await expect(connect(silent.url, 100)).rejects.toThrow(/it did not answer within 100 ms/);
  await using slow = await serve((_, response) => response.write('{"name":'));
  await expect(connect(slow.url, 100)).rejects.toThrow(/it did not answer within 100 ms/);
});

test('a closed port, a cut connection and a name without an address are told apart', async () => {
  const closed = await serve(() => {});
  await closed[Symbol.asyncDispose]();
  await expect(connect(closed.url)).rejects.toThrow(/it refuses connections: nothing listens there/);
  await using rude = await serving(createTcpServer((socket) => socket.resetAndDestroy()));
  await expect(connect(rude.url)).rejects.toThrow(/it closed the connection without an answer/);
  await using odd = await serving(createTcpServer((socket) => socket.resume().end('SSH-2.0-odd\r\n')));
  await expect(connect(odd.url)).rejects.toThrow(/it did not answer as HTTP should/);
  await expect(connect('http://agent.invalid')).rejects.toThrow(/the name "agent.invalid" has no address/);
  await expect(connect('agent')).rejects.toThrow(/"agent" is no address that muster can ask/);
});

test('https to a server that speaks http is a TLS matter', async () => {
  await using server = await serve((_, response) => response.end(JSON.stringify(CARD)));
  await expect(connect(`https://127.0.0.1:${server.port}`)).rejects.toThrow(/no TLS connection that can be trusted/);
});

test.each([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])('%s is a TLS matter', (code) => {
  expect(whyNoAnswer(code, 'bad', 'agents.example', 1)).toMatchObject({ sentence: expect.stringContaining('TLS') });
});

test('aborting is thrown as the reason that was given', async () => {
  await using server = await serve(() => {});
  const giveUp = new AbortController();
  const asked = connectUrl({ name: 'agent', url: server.url, timeout_ms: 20_000, signal: giveUp.signal });
  giveUp.abort(new Error('interrupted'));
  await expect(asked).rejects.toThrow('interrupted');
});

test('whoever may not be asked gets no request, neither at once nor by a redirect', async () => {
  const heard: string[] = [];
  await using stranger = await serve((request, response) => {
    heard.push(String(request.url));
    response.end(JSON.stringify(CARD));
  });
  const elsewhere = `http://localhost:${stranger.port}/agent.json`;
  let location = elsewhere;
  await using server = await serve((_, response) => void response.writeHead(302, { location }).end());
  const mayAsk = ({ hostname }: URL): boolean => hostname === '127.0.0.1';
  const connectTo = (url: string) =>
    connectUrl({ name: 'agent', url, timeout_ms: 20_000, signal: new AbortController().signal, mayAsk });
  await expect(connectTo(elsewhere)).rejects.toThrow('nobody has named localhost as a host that may be loaded');
  await expect(connectTo(server.url)).rejects.toThrow(
    `it sends whoever asks for it on to localhost:${stranger.port}, which was not named`,
  );
  location = 'data:application/json,{"name":"x"}';
  await expect(connectTo(server.url)).rejects.toThrow('sends whoever asks for it on to “data:');
  expect(heard).toEqual([]);
  location = `${stranger.url}/agent.json`;
  await using agent = await connectTo(server.url);
  expect([agent.url, heard]).toEqual([location, ['/agent.json']]);
});

test('who asks says who he is, also after a redirect and when it is probed', async () => {
  const agents: (string | undefined)[] = [];
  await using server = await serve((request, response) => {
    agents.push(request.headers['user-agent']);
    if (request.url === '/old.json') response.writeHead(302, { location: '/new.json' }).end();
    else response.end(JSON.stringify(CARD));
  });
  const user_agent = 'tester/1 (+https://example.com)';
  const asking = { name: 'agent', timeout_ms: 20_000, signal: new AbortController().signal, user_agent };
  await using agent = await connectUrl({ ...asking, url: `${server.url}/old.json` });
  await agent.probe(20_000);
  expect(agents).toEqual([user_agent, user_agent, user_agent]);
  await using _ = await connect(server.url);
  expect(agents.at(-1)).toMatch(/^a2a-muster \(\+https:/);
});
