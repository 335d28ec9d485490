import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { SendOp } from '../../model/op.ts';
import { openWire } from '../../wire/wire.ts';
import { startPatience } from './patience.ts';

const op: SendOp = {
  op: 'SendMessage',
  agent: 'agent',
  behaviour: 'short',
  messageId: 'm',
  text: 't',
  token: 't',
  echoes: false,
};

async function startRefusing(retryAfter: string) {
  const server = createServer((_request, response) => {
    response.writeHead(429, { 'retry-after': retryAfter }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

test.for([
  ['3', 3_000],
  ['0', 0],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
] as const)('Retry-After "%s" is told as %s ms', async ([text, after_ms]) => {
  await using server = await startRefusing(text);
  const card = { supportedInterfaces: [{ url: `${server.url}/`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] };
  const limits = { answer_bytes_max: 1_000, stream_events_max: 10, connections_max: 1, user_agent: 'test' };
  await using wire = await openWire({ card, url: server.url, ...limits });
  const signal = new AbortController().signal;
  const outcome = await wire.perform(op, { headers: {}, signal, timeout_ms: 5_000, onEvent: () => {} });
  expect(outcome).toMatchObject({ type: 'fail', error: { code: 'http-429', status: 429 } });
  expect(outcome.type === 'ok' ? undefined : outcome.error.retry_after_ms).toBe(after_ms);
});

test('who was told to wait waits for the longest that he was told, and nobody else does', () => {
  const patience = startPatience();
  const told = (retry_after_ms: number) =>
    ({ type: 'fail', error: { code: 'http-429', message: '', retry_after_ms } }) as const;
  patience.heed(1, told(5_000), 100);
  patience.heed(1, told(1_000), 200);
  patience.heed(2, { type: 'ok', value: {} }, 100);
  expect([0, 1, 2].map(patience.until)).toEqual([0, 5_100, 0]);
});
