/** Agents of A2A 0.3: what is spoken to, what is not asked at all, and why muster keeps to JSON-RPC with them. */
import { LegacyRestTransport } from '@a2a-js/sdk/compat/v0_3/client';
import { expect, test } from 'vitest';
import { openWire } from './wire.ts';

const card = {
  name: 'old',
  protocolVersion: '0.3.0',
  url: 'http://127.0.0.1:9/rest',
  preferredTransport: 'HTTP+JSON',
  additionalInterfaces: [{ url: 'http://127.0.0.1:9/rpc', transport: 'JSONRPC' }],
};
const limits = { answer_bytes_max: 1_000, stream_events_max: 10, connections_max: 1, user_agent: 'muster/test' };
const options = { headers: {}, signal: new AbortController().signal, timeout_ms: 1_000, onEvent: () => {} };
const url = 'http://127.0.0.1:9/';

/** Answers each request with what the agent would, and keeps what it was asked. */
function agent(answer: unknown) {
  const asked: { readonly version: string | null; readonly body: unknown }[] = [];
  const respond = async (request: Request): Promise<Response> => {
    const body = (await request.json()) as { readonly id: unknown };
    asked.push({ version: request.headers.get('a2a-version'), body });
    return Response.json({ jsonrpc: '2.0', id: body.id, result: answer });
  };
  return { asked, respond };
}

test('an agent of A2A 0.3 is asked in its own words over JSON-RPC, and told of in those of 1.0', async () => {
  const { asked, respond } = agent({ kind: 'task', id: 't', contextId: 'c', status: { state: 'completed' } });
  await using wire = await openWire({ card, url, respond, ...limits });
  expect(wire.address.href).toBe('http://127.0.0.1:9/rpc');
  const words = { behaviour: 'short', messageId: 'm', text: 'hi', token: 'x', echoes: false } as const;
  const outcome = await wire.perform({ op: 'SendMessage', agent: 'agent', ...words }, options);
  expect(outcome).toMatchObject({
    type: 'ok',
    value: { task: { id: 't', status: { state: 'TASK_STATE_COMPLETED' } } },
  });
  expect(asked).toMatchObject([
    { version: '0.3', body: { method: 'message/send', params: { configuration: { blocking: true } } } },
  ]);
});

test('what A2A 0.3 does not have is not asked for', async () => {
  const { asked, respond } = agent({});
  await using wire = await openWire({ card, url, respond, ...limits });
  const outcome = await wire.perform({ op: 'ListTasks', agent: 'agent' }, options);
  expect(outcome).toMatchObject({ type: 'fail', error: { code: 'not-in-protocol' } });
  expect(asked).toEqual([]);
});

test('an interface of 1.x is taken before one of 0.3, and 0.3 over another binding than JSON-RPC is refused', async () => {
  const face = (protocolBinding: string, protocolVersion: string, path: string) => ({
    protocolBinding,
    protocolVersion,
    url: `http://127.0.0.1:9/${path}`,
  });
  const both = { supportedInterfaces: [face('JSONRPC', '0.3', 'old'), face('JSONRPC', '1.0', 'new')] };
  await using wire = await openWire({ card: both, url, ...limits });
  expect(wire.address.pathname).toBe('/new');
  await expect(openWire({ card, url, transport: 'rest', ...limits })).rejects.toThrow(/JSONRPC of A2A 0\.3/);
});

test('the reason for that is still there: the SDK takes a chunk that is to be appended for a new artifact', async () => {
  const event = {
    artifactUpdate: { taskId: 't', contextId: 'c', artifact: { artifactId: 'a', parts: [] }, append: true },
  };
  const body = `data: ${JSON.stringify(event)}\n\n`;
  const fetchImpl = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  const transport = new LegacyRestTransport({ endpoint: url, fetchImpl });
  for await (const { payload } of transport.resubscribeTask({ tenant: '', id: 't' })) {
    expect(payload?.$case).toBe('artifactUpdate');
    expect(payload?.value).toMatchObject({ append: false });
  }
});
