/** The traces of the agent `production`, at a receiver of OTLP over HTTP that is there, that hangs, and that is gone. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { caller } from '../../fixtures/agents/caller.ts';
import { startReplica } from './replica.ts';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
}

/** As https://opentelemetry.io/docs/specs/otlp/#otlphttp has it, in JSON. */
async function openReceiver({ answers }: { readonly answers: boolean }) {
  const spans: Span[] = [];
  const called = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    called.resolve();
    if (!answers) return;
    const { resourceSpans } = JSON.parse(await text(request));
    for (const { scopeSpans } of resourceSpans) for (const each of scopeSpans) spans.push(...each.spans);
    response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    called: called.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';

test('what is asked is a span in the trace of whoever asks, with the id of its task', async () => {
  await using receiver = await openReceiver({ answers: true });
  await using agent = await startReplica({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const headers = {
    'a2a-version': '1.0',
    'content-type': 'application/json',
    traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  };
  const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'token' }] };
  const sent = await fetch(`${agent.url}/a2a/rest/message:send`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ message }),
  });
  const { task } = (await sent.json()) as { readonly task: { readonly id: string } };
  await (await fetch(`${agent.url}/a2a/rest/tasks/${task.id}`, { headers })).text();
  await (await fetch(`${agent.url}/a2a/rest/tasks/nowhere`, { headers })).text();
  for await (const _event of (await caller(agent.url, 'JSONRPC', 'secret-ann')).stream('words'));
  expect(await agent.stop()).toBe(0);
  const told = receiver.spans.map(({ name, traceId, attributes }) => {
    const of = Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
    return [name, traceId === TRACE, of['a2a.outcome'], of['a2a.task_id'] === task.id];
  });
  expect(told).toEqual([
    ['sendMessage', true, 'ok', true],
    ['getTask', true, 'ok', true],
    ['getTask', true, 'refused', false],
    ['sendMessageStream', false, 'ok', false],
  ]);
  expect(receiver.spans[3]?.attributes.map(({ key }) => key)).toContain('a2a.task_id');
  expect(JSON.stringify(receiver.spans)).not.toContain('secret-ann');
});

test('a receiver that hangs or is gone costs no answer, and holds nobody up who stops', async () => {
  await using hanging = await openReceiver({ answers: false });
  const gone = await openReceiver({ answers: true });
  await gone[Symbol.asyncDispose]();
  for (const { url } of [hanging, gone]) {
    await using agent = await startReplica({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const user = await caller(agent.url, 'JSONRPC', 'ann');
    expect((await user.send('token')).artifacts).toHaveLength(1);
    expect(await agent.stop()).toBe(0);
  }
  await hanging.called;
});
