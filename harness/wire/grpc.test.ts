/** The wire against gRPC servers that refuse, break or vanish: statuses mean the same as over HTTP. */
import { type StreamResponse as SdkStreamResponse, Task as SdkTask } from '@a2a-js/sdk';
import { A2AService } from '@a2a-js/sdk/server/grpc';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import type { Wire } from '../model/live.ts';
import type { Outcome, ProtocolOp } from '../model/op.ts';
import { openWire } from './wire.ts';

const getTask: ProtocolOp = { op: 'GetTask', agent: 'agent', taskId: 't' };
const subscribe: ProtocolOp = { op: 'SubscribeToTask', agent: 'agent', taskId: 't' };
const send: ProtocolOp = {
  op: 'SendMessage',
  agent: 'agent',
  behaviour: 'short',
  messageId: 'm',
  text: 'hello',
  token: '',
  echoes: false,
};
const TASK = SdkTask.fromJSON({ id: 't', status: { state: 'TASK_STATE_WORKING' } });

type Unary = (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => void;
type Streaming = (call: ServerWritableStream<unknown, unknown>) => void;

async function serve(handlers: Readonly<Record<string, Unary | Streaming>>, port = 0) {
  const server = new Server();
  server.addService(A2AService, handlers as UntypedServiceImplementation);
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, given) =>
      error ? reject(error) : resolve(given),
    ),
  );
  return {
    port: bound,
    vanish: () => server.forceShutdown(),
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

function open(port: number, answer_bytes_max = 100_000): Promise<Wire> {
  return openWire({
    card: {
      supportedInterfaces: [{ url: `http://127.0.0.1:${port}`, protocolBinding: 'GRPC', protocolVersion: '1.0' }],
    },
    url: 'http://127.0.0.1:9',
    answer_bytes_max,
    stream_events_max: 50,
    connections_max: 1,
    user_agent: 'muster-test',
  });
}

function ask(wire: Wire, op: ProtocolOp, onEvent = () => {}) {
  return wire.perform(op, { headers: {}, signal: new AbortController().signal, timeout_ms: 20_000, onEvent });
}

function codeOf(outcome: Outcome): string {
  return outcome.type === 'ok' ? 'ok' : `${outcome.type} ${outcome.error.code}`;
}

test.each([
  [status.UNAUTHENTICATED, 'fail http-401'],
  [status.PERMISSION_DENIED, 'fail http-403'],
  [status.RESOURCE_EXHAUSTED, 'fail http-429'],
  [status.UNAVAILABLE, 'fail http-503'],
  [status.DEADLINE_EXCEEDED, 'info timeout'],
  [status.NOT_FOUND, 'fail TaskNotFoundError'],
  [status.INVALID_ARGUMENT, 'fail InvalidParamsError'],
  [status.UNIMPLEMENTED, 'fail MethodNotFoundError'],
  [status.INTERNAL, 'fail InternalError'],
  [status.FAILED_PRECONDITION, 'fail http-400'],
] as const)('status %i without a reason is told as "%s", also for a stream', async (code, expected) => {
  const error = Object.assign(new Error('no'), { code, details: 'the guard says no' });
  await using server = await serve({
    getTask: (_call: unknown, done: sendUnaryData<unknown>) => done(error),
    subscribeToTask: (call: ServerWritableStream<unknown, unknown>) => void call.emit('error', error),
  });
  await using wire = await open(server.port);
  for (const op of [getTask, subscribe]) {
    const outcome = await ask(wire, op);
    expect(codeOf(outcome)).toBe(expected);
    expect(outcome).toMatchObject({ error: { status: code, message: 'the guard says no' } });
  }
});

test('a task without id, and a reply with neither task nor message, are junk-answer and hurt nobody', async () => {
  await using server = await serve({
    getTask: (_call: unknown, done: sendUnaryData<unknown>) => done(null, { ...TASK, id: '' }),
    sendMessage: (_call: unknown, done: sendUnaryData<unknown>) => done(null, { payload: undefined }),
  });
  await using wire = await open(server.port);
  expect(await ask(wire, getTask)).toMatchObject({ error: { message: 'The agent answered with a Task without id' } });
  expect(codeOf(await ask(wire, send))).toBe('fail junk-answer');
});

test('an answer beyond the limit is refused', async () => {
  const large = { ...TASK, contextId: 'x'.repeat(10_000) };
  await using server = await serve({
    getTask: (_call: unknown, done: sendUnaryData<unknown>) => done(null, large),
  });
  await using wire = await open(server.port, 5_000);
  expect(codeOf(await ask(wire, getTask))).toBe('info answer-too-large');
});

test('a server that vanishes in mid-stream leaves everything open, and is found again when it is back', async () => {
  const payload: SdkStreamResponse = { payload: { $case: 'task', value: TASK } };
  const handlers = {
    subscribeToTask: (call: ServerWritableStream<unknown, unknown>) => void call.write(payload),
    getTask: (_call: unknown, done: sendUnaryData<unknown>) => done(null, TASK),
  };
  await using server = await serve(handlers);
  await using wire = await open(server.port);
  expect(codeOf(await ask(wire, subscribe, () => server.vanish()))).toBe('info connection-lost');
  expect(codeOf(await ask(wire, getTask))).toBe('fail connection-refused');
  await using _again = await serve(handlers, server.port);
  let outcome = await ask(wire, getTask);
  for (let tries = 0; tries < 10_000 && outcome.type !== 'ok'; tries += 1) {
    await new Promise(setImmediate);
    outcome = await ask(wire, getTask);
  }
  expect(codeOf(outcome)).toBe('ok');
});

test('a header of the user arrives as metadata, with our name and the version', async () => {
  const seen: unknown[] = [];
  await using server = await serve({
    getTask: ({ metadata }: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => {
      seen.push(...['authorization', 'user-agent', 'a2a-version'].flatMap((name) => metadata.get(name)));
      done(null, TASK);
    },
  });
  await using wire = await open(server.port);
  const signal = new AbortController().signal;
  const headers = { authorization: 'Bearer ann' };
  await wire.perform(getTask, { headers, signal, timeout_ms: 20_000, onEvent: () => {} });
  expect(seen).toEqual(['Bearer ann', expect.stringMatching(/^muster-test /), '1.0']);
});
