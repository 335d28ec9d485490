/** The wire against real SDK servers: every op over every transport, and the same story over all three. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentCard, Message, Task, TaskArtifactUpdateEvent, TaskStatusUpdateEvent } from '@a2a-js/sdk';
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  type ExecutionEventBus,
  InMemoryTaskStore,
  type RequestContext,
} from '@a2a-js/sdk/server';
import { jsonRpcHandler, restHandler } from '@a2a-js/sdk/server/express';
import { A2AService, grpcService } from '@a2a-js/sdk/server/grpc';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import express from 'express';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { StreamResponse, Transport } from '../model/a2a.ts';
import type { Wire } from '../model/live.ts';
import type { Outcome, ProtocolOp } from '../model/op.ts';
import { NoTransport, openWire, type WireOptions } from './wire.ts';

// The SDK's server tells on the console of every error that it answers with.
vi.spyOn(console, 'error').mockImplementation(() => {});

const TRANSPORTS: readonly Transport[] = ['jsonrpc', 'rest', 'grpc'];

interface TestAgent extends AsyncDisposable {
  readonly card: Readonly<Record<string, unknown>>;
  readonly url: string;
  /** `authorization` and `user-agent` of the HTTP requests so far. */
  readonly seen: { readonly authorization?: string; readonly agent?: string; readonly version?: string }[];
}

/** Does what the message says: message, chunks, hang, refuse, break. */
function executor(): AgentExecutor {
  const hanging = new Map<string, () => void>();
  // Times of its own, all different: the store orders its list by them, and ties by random ids.
  let ticks = 0;
  const timestamp = () => {
    ticks += 1;
    return new Date(1_700_000_000_000 + ticks).toISOString();
  };
  const status = (context: RequestContext, state: string) =>
    AgentEvent.statusUpdate(
      TaskStatusUpdateEvent.fromJSON({
        taskId: context.taskId,
        contextId: context.contextId,
        status: { state, timestamp: timestamp() },
      }),
    );
  const started = (context: RequestContext, bus: ExecutionEventBus) => {
    const { taskId: id, contextId } = context;
    const history = [Message.toJSON(context.userMessage)];
    bus.publish(
      AgentEvent.task(
        Task.fromJSON({ id, contextId, status: { state: 'TASK_STATE_SUBMITTED', timestamp: timestamp() }, history }),
      ),
    );
    bus.publish(status(context, 'TASK_STATE_WORKING'));
  };
  const acts: Record<string, (context: RequestContext, bus: ExecutionEventBus) => Promise<void>> = {
    async message({ contextId }, bus) {
      const reply = { messageId: 'reply', contextId, role: 'ROLE_AGENT', parts: [{ text: 'hello', metadata: {} }] };
      bus.publish(AgentEvent.message(Message.fromJSON({ ...reply, metadata: { mood: 'good', n: 1.5 } })));
    },
    async chunks(context, bus) {
      started(context, bus);
      const { taskId, contextId } = context;
      for (const chunk of [0, 1, 2]) {
        const artifact = { artifactId: 'a', name: 'text', parts: [{ text: `chunk ${chunk}` }, { data: { chunk } }] };
        const update = { taskId, contextId, artifact, append: chunk > 0, lastChunk: chunk === 2 };
        bus.publish(AgentEvent.artifactUpdate(TaskArtifactUpdateEvent.fromJSON(update)));
        await new Promise(setImmediate);
      }
      bus.publish(status(context, 'TASK_STATE_COMPLETED'));
    },
    async hang(context, bus) {
      started(context, bus);
      await new Promise<void>((resolve) => void hanging.set(context.taskId, resolve));
      bus.publish(status(context, 'TASK_STATE_CANCELED'));
    },
    async refuse() {
      throw new Error('I would rather not');
    },
    async break(context, bus) {
      started(context, bus);
      throw new Error('I cannot go on');
    },
  };
  return {
    async execute(context, bus) {
      const { content } = context.userMessage.parts[0] ?? {};
      await acts[content?.$case === 'text' ? content.value : 'message']?.(context, bus);
      bus.finished();
    },
    async cancelTask(taskId) {
      hanging.get(taskId)?.();
    },
  };
}

async function startAgent(): Promise<TestAgent> {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const grpc = new GrpcServer();
  const grpcPort = await new Promise<number>((resolve, reject) =>
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
  const protocolVersion = '1.0';
  const json = {
    name: 'test agent',
    version: '1',
    capabilities: { streaming: true, pushNotifications: true },
    supportedInterfaces: [
      { url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion },
      { url: `${url}/rest`, protocolBinding: 'HTTP+JSON', protocolVersion },
      { url: `127.0.0.1:${grpcPort}`, protocolBinding: 'GRPC', protocolVersion },
    ],
  };
  const requestHandler = new DefaultRequestHandler(AgentCard.fromJSON(json), new InMemoryTaskStore(), executor());
  const userBuilder = async () => ({ isAuthenticated: true, userName: 'somebody' });
  const seen: TestAgent['seen'] = [];
  const app = express();
  app.use(({ headers }, _answer, next) => {
    const { authorization = '', 'user-agent': agent = '', 'a2a-version': version } = headers;
    seen.push({ authorization, agent, version: String(version) });
    next();
  });
  app.use('/rpc', jsonRpcHandler({ requestHandler, userBuilder }));
  app.use('/rest', restHandler({ requestHandler, userBuilder }));
  http.on('request', app);
  grpc.addService(A2AService, grpcService({ requestHandler, userBuilder }));
  return {
    card: json,
    url,
    seen,
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
      grpc.forceShutdown();
    },
  };
}

function open(agent: TestAgent, transport: Transport, more: Partial<WireOptions> = {}): Promise<Wire> {
  return openWire({
    card: agent.card,
    url: agent.url,
    transport,
    answer_bytes_max: 1_000_000,
    stream_events_max: 100,
    connections_max: 10,
    user_agent: 'muster-test',
    ...more,
  });
}

interface Told {
  readonly outcome: Outcome;
  readonly events: readonly StreamResponse[];
}

async function ask(
  wire: Wire,
  op: ProtocolOp,
  { signal = new AbortController().signal, onEvent = (_event: StreamResponse) => {}, headers = {} } = {},
): Promise<Told> {
  const events: StreamResponse[] = [];
  const listen = (event: StreamResponse) => {
    events.push(event);
    onEvent(event);
  };
  const outcome = await wire.perform(op, { headers, signal, timeout_ms: 20_000, onEvent: listen });
  return { outcome, events };
}

let sends = 0;
function send(text: string, more: { stream?: boolean; returnImmediately?: boolean } = {}): ProtocolOp {
  const { stream, ...rest } = more;
  sends += 1;
  return {
    op: stream ? 'SendStreamingMessage' : 'SendMessage',
    agent: 'agent',
    behaviour: 'short',
    messageId: `message-${sends}`,
    text,
    token: '',
    echoes: false,
    ...rest,
  };
}

function taskOp(op: 'GetTask' | 'CancelTask' | 'SubscribeToTask', taskId: string): ProtocolOp {
  return { op, agent: 'agent', taskId };
}

function taskOf({ outcome }: Told) {
  const task = outcome.type === 'ok' ? outcome.value.task : undefined;
  if (!task) {
    throw new Error(`No task in ${JSON.stringify(outcome)}`);
  }
  return task;
}

function codeOf({ outcome }: Told): string {
  return outcome.type === 'ok' ? 'ok' : `${outcome.type} ${outcome.error.code}`;
}

test.each(TRANSPORTS)('%s: a send is answered with a message, without empty defaults', async (transport) => {
  await using agent = await startAgent();
  await using wire = await open(agent, transport);
  expect(wire.transport).toBe(transport);
  const { outcome } = await ask(wire, send('message'));
  expect(outcome).toEqual({
    type: 'ok',
    value: {
      message: {
        messageId: 'reply',
        contextId: expect.any(String),
        role: 'ROLE_AGENT',
        parts: [{ text: 'hello' }],
        metadata: { mood: 'good', n: 1.5 },
      },
    },
  });
});

test.each(TRANSPORTS)('%s: a stream is told event by event and ends by the agent', async (transport) => {
  await using agent = await startAgent();
  await using wire = await open(agent, transport);
  const { outcome, events } = await ask(wire, send('chunks', { stream: true }));
  expect(outcome).toEqual({ type: 'ok', value: { events: 6, ended: 'by-agent' } });
  expect(events.map((event) => Object.keys(event)[0])).toEqual([
    'task',
    'statusUpdate',
    'artifactUpdate',
    'artifactUpdate',
    'artifactUpdate',
    'statusUpdate',
  ]);
  expect(events[3]?.artifactUpdate).toEqual({
    taskId: expect.any(String),
    contextId: expect.any(String),
    artifact: { artifactId: 'a', name: 'text', parts: [{ text: 'chunk 1' }, { data: { chunk: 1 } }] },
    append: true,
  });
  expect(events.at(-1)?.statusUpdate?.status.state).toBe('TASK_STATE_COMPLETED');
});

test.each(TRANSPORTS)('%s: a task is read, listed, subscribed to and cancelled', async (transport) => {
  await using agent = await startAgent();
  await using wire = await open(agent, transport);
  const task = taskOf(await ask(wire, send('hang', { returnImmediately: true })));
  expect(taskOf(await ask(wire, taskOp('GetTask', task.id))).id).toBe(task.id);
  const list = await ask(wire, { op: 'ListTasks', agent: 'agent', pageSize: 5 });
  expect(list.outcome).toMatchObject({ type: 'ok', value: { tasks: [{ id: task.id }] } });

  const subscribed = Promise.withResolvers<void>();
  const subscription = ask(wire, taskOp('SubscribeToTask', task.id), { onEvent: () => subscribed.resolve() });
  await subscribed.promise;
  expect(taskOf(await ask(wire, taskOp('CancelTask', task.id))).status.state).toBe('TASK_STATE_CANCELED');
  const { outcome, events } = await subscription;
  expect(outcome).toMatchObject({ type: 'ok', value: { ended: 'by-agent' } });
  expect(events[0]?.task?.id).toBe(task.id);
  expect(events.at(-1)?.statusUpdate?.status.state).toBe('TASK_STATE_CANCELED');
});

test.each(TRANSPORTS)('%s: push configurations are made, read, listed and taken away', async (transport) => {
  await using agent = await startAgent();
  await using wire = await open(agent, transport);
  const { id: taskId } = taskOf(await ask(wire, send('chunks')));
  const about = { agent: 'agent', taskId, configId: 'hook' } as const;
  const url = 'http://127.0.0.1:9/hook';
  const created = await ask(wire, { op: 'CreateTaskPushNotificationConfig', ...about, url });
  expect(created.outcome).toMatchObject({ type: 'ok', value: { config: { id: 'hook', taskId, url } } });
  const read = await ask(wire, { op: 'GetTaskPushNotificationConfig', ...about });
  expect(read.outcome).toMatchObject({ type: 'ok', value: { config: { id: 'hook', url } } });
  const listed = await ask(wire, { op: 'ListTaskPushNotificationConfigs', agent: 'agent', taskId });
  expect(listed.outcome).toMatchObject({ type: 'ok', value: { configs: [{ id: 'hook' }] } });
  const gone = await ask(wire, { op: 'DeleteTaskPushNotificationConfig', ...about });
  expect(gone.outcome).toEqual({ type: 'ok', value: {} });
  const empty = await ask(wire, { op: 'ListTaskPushNotificationConfigs', agent: 'agent', taskId });
  expect(empty.outcome).toEqual({ type: 'ok', value: { configs: [] } });
});

test.each(TRANSPORTS)('%s: the protocol errors have their names of §3.3.2', async (transport) => {
  await using agent = await startAgent();
  await using wire = await open(agent, transport);
  expect(codeOf(await ask(wire, taskOp('GetTask', 'nobody')))).toBe('fail TaskNotFoundError');
  expect(codeOf(await ask(wire, taskOp('SubscribeToTask', 'nobody')))).toBe('fail TaskNotFoundError');
  const done = taskOf(await ask(wire, send('chunks')));
  expect(codeOf(await ask(wire, taskOp('CancelTask', done.id)))).toBe('fail TaskNotCancelableError');
  expect(codeOf(await ask(wire, taskOp('SubscribeToTask', done.id)))).toBe('fail UnsupportedOperationError');
});

test.each(TRANSPORTS)(
  '%s: a reader that leaves a stream is no failure, and one answer given up is',
  async (transport) => {
    await using agent = await startAgent();
    await using wire = await open(agent, transport);
    const leaving = new AbortController();
    const stream = await ask(wire, send('hang', { stream: true }), {
      signal: leaving.signal,
      onEvent: (event) => event.statusUpdate && leaving.abort(),
    });
    expect(stream.outcome).toEqual({ type: 'ok', value: { events: 2, ended: 'by-reader' } });
    const goneAlready = await ask(wire, send('message'), { signal: AbortSignal.abort() });
    expect(codeOf(goneAlready)).toBe('info aborted');
    const unary = new AbortController();
    const pending = ask(wire, send('hang'), { signal: unary.signal });
    setImmediate(() => unary.abort());
    expect(codeOf(await pending)).toBe('info aborted');
  },
);

test.each(TRANSPORTS)('%s: a stream that is silent, or brings too much, is left', async (transport) => {
  await using agent = await startAgent();
  await using wire = await open(agent, transport, { stream_events_max: 3 });
  const options = { headers: {}, signal: new AbortController().signal, onEvent: () => {} };
  const silent = await wire.perform(send('hang', { stream: true }), { ...options, timeout_ms: 200 });
  expect(silent).toMatchObject({ type: 'info', error: { code: 'timeout' } });
  const unary = await wire.perform(send('hang'), { ...options, timeout_ms: 50 });
  expect(unary).toMatchObject({ type: 'info', error: { code: 'timeout' } });
  expect(codeOf(await ask(wire, send('chunks', { stream: true })))).toBe('info stream-too-long');
});

test.each(['jsonrpc', 'rest'] as const)(
  '%s: each op carries its own user, our name and the version',
  async (transport) => {
    await using agent = await startAgent();
    await using wire = await open(agent, transport);
    for (const user of ['ann', 'bob']) {
      await ask(wire, send('message'), { headers: { authorization: `Bearer ${user}` } });
    }
    expect(agent.seen).toEqual(
      ['ann', 'bob'].map((user) => ({ authorization: `Bearer ${user}`, agent: 'muster-test', version: '1.0' })),
    );
  },
);

test.each(TRANSPORTS)('%s: a header that cannot be sent fails before anything is sent', async (transport) => {
  await using agent = await startAgent();
  await using wire = await open(agent, transport);
  const headers = { authorization: 'Bearer \u0434\u0430\n' };
  expect(codeOf(await ask(wire, send('message'), { headers }))).toBe('fail not-sendable');
});

test.each(TRANSPORTS)('%s: after disposing no op runs and no socket is open', async (transport) => {
  await using agent = await startAgent();
  const wire = await open(agent, transport);
  await Promise.all([1, 2, 3].map(() => ask(wire, send('message'))));
  const started = Promise.withResolvers<void>();
  const stream = ask(wire, send('hang', { stream: true }), { onEvent: () => started.resolve() });
  const unary = ask(wire, send('hang'));
  await started.promise;
  await wire[Symbol.asyncDispose]();
  await wire[Symbol.asyncDispose]();
  expect((await stream).outcome).toMatchObject({ type: 'ok', value: { ended: 'by-reader' } });
  expect(codeOf(await unary)).toBe('info aborted');
  expect(codeOf(await ask(wire, send('message')))).toBe('info aborted');
  const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  for (let tries = 0; tries < 1_000 && openSockets() > 0; tries += 1) {
    await new Promise(setImmediate);
  }
  expect(openSockets()).toBe(0);
});

test('a transport that the card does not offer is refused with what it offers', async () => {
  await using agent = await startAgent();
  const [jsonrpc] = agent.card['supportedInterfaces'] as readonly unknown[];
  const card = { supportedInterfaces: [{ url: 'x', protocolBinding: 'CARRIER-PIGEON' }, jsonrpc] };
  const refused = open(agent, 'grpc', { card });
  await expect(refused).rejects.toThrow(NoTransport);
  await expect(refused).rejects.toThrow(/the transport grpc on the card of .* it offers CARRIER-PIGEON, JSONRPC 1\.0;/);
  await expect(open(agent, 'rest', { card: {} })).rejects.toThrow(/names no interface/);
});

test('via replaces the origin of an HTTP interface', async () => {
  await using agent = await startAgent();
  const card = {
    supportedInterfaces: [{ url: 'http://127.0.0.1:9/rpc', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  };
  await using wire = await open(agent, 'jsonrpc', { card, via: agent.url });
  expect(codeOf(await ask(wire, send('message')))).toBe('ok');
});

/** Ids and times by their first appearance, so that two stories can be compared. */
function anonymous(story: unknown): unknown {
  const names = new Map<string, string>();
  const text = JSON.stringify(story, (key, value: unknown) =>
    key === 'status' && typeof value === 'number' ? undefined : value,
  );
  const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
  return JSON.parse(
    text
      .replaceAll(id, (found) => {
        const name = names.get(found) ?? `id-${names.size}`;
        names.set(found, name);
        return name;
      })
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time'),
  );
}

type Step = { readonly act: string; readonly of: number };

async function story(transport: Transport, steps: readonly Step[]): Promise<unknown> {
  await using agent = await startAgent();
  await using wire = await open(agent, transport);
  const told: Told[] = [];
  const tasks: string[] = ['4b3f3b0e-0000-4000-8000-000000000000'];
  for (const [index, { act, of }] of steps.entries()) {
    const taskId = tasks[of % tasks.length] ?? '';
    const about = { agent: 'agent', taskId };
    const ops: Record<string, ProtocolOp> = {
      message: { ...send('message'), messageId: `m${index}` } as ProtocolOp,
      chunks: { ...send('chunks'), messageId: `m${index}` } as ProtocolOp,
      'stream chunks': { ...send('chunks', { stream: true }), messageId: `m${index}` } as ProtocolOp,
      'stream message': { ...send('message', { stream: true }), messageId: `m${index}` } as ProtocolOp,
      refuse: { ...send('refuse'), messageId: `m${index}` } as ProtocolOp,
      'follow up': { ...send('chunks'), messageId: `m${index}`, taskId } as ProtocolOp,
      get: { op: 'GetTask', ...about },
      cancel: { op: 'CancelTask', ...about },
      subscribe: { op: 'SubscribeToTask', ...about },
      list: { op: 'ListTasks', agent: 'agent', pageSize: 2 },
      'list all': { op: 'ListTasks', agent: 'agent', includeArtifacts: true },
      'bad page': { op: 'ListTasks', agent: 'agent', pageSize: 100_000 },
      'make hook': { op: 'CreateTaskPushNotificationConfig', ...about, configId: 'h', url: 'http://127.0.0.1:9/' },
      hooks: { op: 'ListTaskPushNotificationConfigs', ...about },
    };
    const op = ops[act];
    const { outcome, events } = op ? await ask(wire, op) : { outcome: undefined, events: [] };
    if (outcome?.type === 'ok') {
      const made = outcome.value.task?.id ?? events[0]?.task?.id;
      tasks.push(...(made ? [made] : []));
    }
    told.push({ outcome: outcome ?? { type: 'ok', value: {} }, events });
  }
  return anonymous(told.map(({ outcome, events }) => ({ outcome: withoutMessage(outcome), events })));
}

/** Messages and pages are worded by the transports. */
function withoutMessage(outcome: Outcome): unknown {
  if (outcome.type === 'ok') {
    const { nextPageToken, ...value } = outcome.value;
    return { ...value, more: nextPageToken !== undefined };
  }
  return `${outcome.type} ${outcome.error.code}`;
}

const ACTS = [
  'message',
  'chunks',
  'stream chunks',
  'stream message',
  'refuse',
  'follow up',
  'get',
  'cancel',
  'subscribe',
  'list',
  'list all',
  'bad page',
  'make hook',
  'hooks',
];

test('the same script of ops has equal outcomes over the three transports', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ act: fc.constantFrom(...ACTS), of: fc.nat(3) }), { minLength: 1, maxLength: 8 }),
      async (steps) => {
        const [jsonrpc, rest, grpc] = await Promise.all(TRANSPORTS.map((transport) => story(transport, steps)));
        expect(rest).toEqual(jsonrpc);
        expect(grpc).toEqual(jsonrpc);
      },
    ),
    { numRuns: 25 },
  );
});
