/** Hostile requests against a correct agent over each transport, and against servers that answer them badly or not at all. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { findFixture } from '../../fixtures/table.ts';
import { wrongIn } from '../checks/parts/hostile-answer.ts';
import type { Transport } from '../model/a2a.ts';
import { HOSTILE_NAMES, type HostileName, hostileRows } from '../model/hostile.ts';
import type { Outcome } from '../model/op.ts';
import { openWire } from './wire.ts';

const BINDINGS = { jsonrpc: 'JSONRPC', rest: 'HTTP+JSON', grpc: 'GRPC' } as const;
const LIMITS = { answer_bytes_max: 1e6, stream_events_max: 10, connections_max: 10, user_agent: 'muster/test' };
const ID = '00000000-0000-4000-8000-000000000000';

interface Way {
  readonly url: string;
  readonly transport: Transport;
  readonly tenant?: string;
  readonly timeout_ms?: number;
  readonly signal?: AbortSignal;
}

async function send(
  request: HostileName,
  { url, transport, tenant = '', timeout_ms = 5_000, signal }: Way,
): Promise<Outcome> {
  const address = transport === 'grpc' ? new URL(url).host : `${url}/a2a/${transport}`;
  const face = { url: address, protocolBinding: BINDINGS[transport], protocolVersion: '1.0', tenant };
  await using wire = await openWire({ ...LIMITS, card: { supportedInterfaces: [face] }, url });
  const op = { op: 'HostileRequest', agent: 'agent', request, id: ID } as const;
  const headers = { authorization: 'Bearer ann' };
  return await wire.perform(op, {
    headers,
    timeout_ms,
    signal: signal ?? new AbortController().signal,
    onEvent: () => {},
  });
}

async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each(['jsonrpc', 'rest', 'grpc'] as const)(
  'a correct agent has the right answer to each over %s',
  async (transport) => {
    await using agent = await findFixture('echo')?.start({ port: 0 });
    const url = agent?.url ?? '';
    const unsaid: string[] = [];
    for (const row of hostileRows) {
      // Echo claims to stream and to push, and does.
      if (row.request === 'streaming-unclaimed' || row.request === 'push-unclaimed') continue;
      const outcome = await send(row.request, { url, transport });
      if (outcome.type === 'fail' && outcome.error.code === 'not-sendable') {
        unsaid.push(row.request);
        continue;
      }
      expect(outcome, row.request).toMatchObject({ type: 'ok', value: { answer: { head: expect.any(String) } } });
      const answer = outcome.type === 'ok' ? outcome.value.answer : undefined;
      expect(answer && wrongIn(row, answer, transport), row.request).not.toBeTypeOf('object');
    }
    expect(unsaid).toEqual(
      {
        jsonrpc: [],
        rest: ['wrong-jsonrpc-version', 'no-method'],
        grpc: [
          'empty-body',
          'wrong-jsonrpc-version',
          'no-method',
          'wrong-types',
          'wrong-content-type',
          'deep-nesting',
          'prototype-keys',
        ],
      }[transport],
    );
  },
);

test('every hostile request has one row', () => {
  expect(hostileRows.map(({ request }) => request)).toEqual(HOSTILE_NAMES);
});

test.each(['jsonrpc', 'rest'] as const)(
  'over %s silence, a reset and a closed port are told apart',
  async (transport) => {
    {
      await using silent = await serve(() => {});
      expect(await send('not-json', { url: silent.url, transport, timeout_ms: 50 })).toMatchObject({
        type: 'info',
        error: { code: 'timeout' },
      });
      expect(await send('not-json', { url: silent.url, transport, signal: AbortSignal.abort() })).toMatchObject({
        type: 'info',
        error: { code: 'aborted' },
      });
    }
    {
      await using resets = await serve(({ socket }) => socket.resetAndDestroy());
      const outcome = await send('not-json', { url: resets.url, transport });
      expect(outcome).toMatchObject({ type: 'info', error: { code: 'connection-lost' } });
    }
    expect(await send('not-json', { url: 'http://127.0.0.1:1', transport })).toMatchObject({
      type: 'fail',
      error: { code: 'connection-refused' },
    });
  },
);

test('a stream that was opened is left after its first event, and an error in it counts', async () => {
  await using streams = await serve((_request, response) => {
    response.setHeader('content-type', 'text/event-stream');
    response.write('data: {"jsonrpc":"2.0","id":1,"error":{"code":-32004,"message":"no"}}\n\n');
  });
  const outcome = await send('streaming-unclaimed', { url: streams.url, transport: 'jsonrpc' });
  expect(outcome).toMatchObject({ type: 'ok', value: { answer: { status: 200, refusal: -32004 } } });
});

test('a request has the headers of its user, the tenant of its interface, and one thing wrong with it', async () => {
  const seen: { readonly request: IncomingMessage; readonly body: string }[] = [];
  await using agent = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ request, body });
    response.end();
  });
  await send('unknown-version', { url: agent.url, transport: 'jsonrpc', tenant: 'acme' });
  await send('missing-params', { url: agent.url, transport: 'jsonrpc', tenant: 'acme' });
  await send('unknown-task', { url: agent.url, transport: 'rest', tenant: 'acme' });
  expect(seen.map(({ request }) => request.headers)).toMatchObject([
    { authorization: 'Bearer ann', 'a2a-version': '99.0', 'user-agent': 'muster/test' },
    { authorization: 'Bearer ann', 'a2a-version': '1.0' },
    { authorization: 'Bearer ann', 'a2a-version': '1.0' },
  ]);
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    jsonrpc: '2.0',
    id: ID,
    method: 'GetTask',
    params: { tenant: 'acme', id: ID },
  });
  expect(JSON.parse(seen[1]?.body ?? '').params).toEqual({ tenant: 'acme' });
  expect(seen[2]?.request.url).toBe(`/a2a/rest/acme/tasks/${ID}`);
});
