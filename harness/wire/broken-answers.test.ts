/** The wire against servers that answer wrongly, halfway or not at all: what is certain is `fail`, the rest `info`. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import type { StreamResponse, Transport } from '../model/a2a.ts';
import type { Wire } from '../model/live.ts';
import type { Outcome, ProtocolOp } from '../model/op.ts';
import { openWire } from './wire.ts';

// The SDK's REST client tells on the console of every event that it cannot read.
vi.spyOn(console, 'error').mockImplementation(() => {});

const HTTP: readonly Transport[] = ['jsonrpc', 'rest'];
const BINDINGS = { jsonrpc: 'JSONRPC', rest: 'HTTP+JSON', grpc: 'GRPC' } as const;

const getTask: ProtocolOp = { op: 'GetTask', agent: 'agent', taskId: 't' };
const cancelTask: ProtocolOp = { op: 'CancelTask', agent: 'agent', taskId: 't' };
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
const TASK = { id: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING' } };

type Answer = (response: ServerResponse, request: IncomingMessage & { readonly rpcId: unknown }) => void;

interface Running extends AsyncDisposable {
  readonly port: number;
  requests: number;
}

const taskAnswer = (transport: Transport, rpcId: unknown) =>
  JSON.stringify(transport === 'jsonrpc' ? { jsonrpc: '2.0', id: rpcId, result: TASK } : TASK);

const event = (transport: Transport, rpcId: unknown, payload: unknown) =>
  `data: ${JSON.stringify(transport === 'jsonrpc' ? { jsonrpc: '2.0', id: rpcId, result: payload } : payload)}\n\n`;

/** A server that reads each request and then does what it is told. */
async function serve(answer: Answer): Promise<Running> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const body = Buffer.concat(chunks).toString();
    running.requests += 1;
    answer(response, Object.assign(request, { rpcId: body === '' ? 1 : (JSON.parse(body) as { id?: unknown }).id }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const running: Running = {
    port: (server.address() as AddressInfo).port,
    requests: 0,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
  return running;
}

/** A server below HTTP, for what node:http would not do. */
async function serveRaw(onSocket: (socket: Socket, nth: number) => void): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    running.requests += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket, running.requests);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const running: Running = {
    port: (server.address() as AddressInfo).port,
    requests: 0,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
  return running;
}

function open(port: number, transport: Transport = 'jsonrpc', answer_bytes_max = 100_000): Promise<Wire> {
  const origin = transport === 'grpc' ? `127.0.0.1:${port}` : `http://127.0.0.1:${port}`;
  return openWire({
    card: {
      supportedInterfaces: [{ url: origin, protocolBinding: BINDINGS[transport], protocolVersion: '1.0' }],
    },
    url: `http://127.0.0.1:${port}`,
    answer_bytes_max,
    stream_events_max: 50,
    connections_max: 1,
    user_agent: 'muster-test',
  });
}

function ask(wire: Wire, op: ProtocolOp, timeout_ms = 20_000, onEvent = (_event: StreamResponse) => {}) {
  return wire.perform(op, { headers: {}, signal: new AbortController().signal, timeout_ms, onEvent });
}

function codeOf(outcome: Outcome): string {
  return outcome.type === 'ok' ? 'ok' : `${outcome.type} ${outcome.error.code}`;
}

function messageOf(outcome: Outcome): string {
  return outcome.type === 'ok' ? '' : outcome.error.message;
}

const json = { 'content-type': 'application/json' };
const sse = { 'content-type': 'text/event-stream' };

test.each(HTTP)(
  '%s: HTML, junk, nothing and half a JSON are junk-answer, shown without control characters',
  async (transport) => {
    const answers: readonly [Record<string, string>, string][] = [
      [{ 'content-type': 'text/html' }, '<h1>It works!\u001b[31m</h1>'],
      [json, 'so\u0007 what'],
      [json, ''],
      [json, '{"id": "t", "status": {"sta'],
      [json, 'null'],
      [json, '"text"'],
      [{ 'content-type': 'text/plain' }, taskAnswer(transport, 1)],
    ];
    let next = 0;
    await using server = await serve((response) => {
      const [headers, body] = answers[next] ?? [json, ''];
      next += 1;
      response.writeHead(200, headers).end(body);
    });
    await using wire = await open(server.port, transport);
    const told: Outcome[] = [];
    for (const _answer of answers) {
      told.push(await ask(wire, getTask));
    }
    expect(told.map(codeOf)).toEqual(answers.map(() => 'fail junk-answer'));
    expect(messageOf(told[0] as Outcome)).toContain('text/html that begins: <h1>It works! [31m</h1>');
    expect(told.map(messageOf).join('')).not.toMatch(/\p{Cc}/u);
  },
);

test('a task without id or status, and a send that brings neither task nor message, are junk-answer', async () => {
  const results = [{ contextId: 'c' }, { ...TASK, status: undefined }, TASK, {}];
  let next = 0;
  await using server = await serve((response, { rpcId }) => {
    response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id: rpcId, result: results[next++] }));
  });
  await using wire = await open(server.port);
  expect(messageOf(await ask(wire, getTask))).toContain('a Task without id and status');
  expect(messageOf(await ask(wire, getTask))).toContain('a Task without status');
  expect(codeOf(await ask(wire, send))).toBe('fail junk-answer');
  expect(codeOf(await ask(wire, send))).toBe('fail junk-answer');
});

test('an unknown state is recorded as unrecognised, and a missing one as unspecified', async () => {
  const results = [
    { ...TASK, status: { state: 'TASK_STATE_DREAMING' } },
    { ...TASK, status: {} },
  ];
  let next = 0;
  await using server = await serve((response, { rpcId }) => {
    response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id: rpcId, result: results[next++] }));
  });
  await using wire = await open(server.port);
  const states = [await ask(wire, getTask), await ask(wire, getTask)].map((outcome) =>
    outcome.type === 'ok' ? outcome.value.task?.status.state : outcome,
  );
  expect(states).toEqual(['UNRECOGNIZED', 'TASK_STATE_UNSPECIFIED']);
});

test('an id that is no Unicode text has no place in a path, and is not sent', async () => {
  await using server = await serve((response) => void response.end());
  await using wire = await open(server.port, 'rest');
  expect(codeOf(await ask(wire, { op: 'GetTask', agent: 'agent', taskId: '\ud800' }))).toBe('fail not-sendable');
  expect(server.requests).toBe(0);
});

test('JSON-RPC errors have their names of §9.5, also with an HTTP status, and unknown codes keep theirs', async () => {
  const codes = [-32700, -32600, -32601, -32602, -32603, -32001, -32009, -31999];
  let next = 0;
  await using server = await serve((response, { rpcId }) => {
    const error = { code: codes[next], message: `code ${codes[next]}` };
    response.writeHead(next % 2 ? 400 : 200, json).end(JSON.stringify({ jsonrpc: '2.0', id: rpcId, error }));
    next += 1;
  });
  await using wire = await open(server.port);
  const told: unknown[] = [];
  for (const _code of codes) {
    const outcome = await ask(wire, getTask);
    told.push(outcome.type === 'fail' && [outcome.error.code, outcome.error.status, outcome.error.message]);
  }
  const names = ['JSONParseError', 'InvalidRequestError', 'MethodNotFoundError', 'InvalidParamsError', 'InternalError'];
  const all = [...names, 'TaskNotFoundError', 'VersionNotSupportedError', 'OtherProtocolError'];
  expect(told).toEqual(codes.map((code, index) => [all[index], code, `code ${code}`]));
});

test('REST errors without a reason are told by what their bodies say', async () => {
  const status = (code: number, word: string) => JSON.stringify({ error: { code, status: word, message: 'sorry' } });
  const answers: readonly [number, string, string][] = [
    [404, status(404, 'NOT_FOUND'), 'fail TaskNotFoundError'],
    [404, JSON.stringify({ type: 'https://a2a-protocol.org/errors/task-not-found' }), 'fail TaskNotFoundError'],
    [500, status(500, 'INTERNAL'), 'fail InternalError'],
    [409, status(409, 'ABORTED'), 'fail http-409'],
    [404, 'no such page', 'fail http-404'],
  ];
  let next = 0;
  await using server = await serve((response) => {
    const [code, body] = answers[next++] ?? [500, ''];
    response.writeHead(code, json).end(body);
  });
  await using wire = await open(server.port, 'rest');
  for (const [, , expected] of answers) {
    expect(codeOf(await ask(wire, getTask))).toBe(expected);
  }
});

test.each(HTTP)(
  '%s: guards and servers in trouble are told by their HTTP status, for streams as well',
  async (transport) => {
    const statuses = [401, 403, 429, 500, 503, 302];
    await using server = await serve((response, { headers }) => {
      const status = Number(String(headers['x-want']));
      response.writeHead(status, { 'content-type': 'text/plain', 'retry-after': '1' }).end('go away');
    });
    await using wire = await open(server.port, transport);
    for (const status of statuses) {
      for (const op of [getTask, subscribe]) {
        const outcome = await wire.perform(op, {
          headers: { 'x-want': String(status) },
          signal: new AbortController().signal,
          timeout_ms: 20_000,
          onEvent: () => {},
        });
        expect(outcome).toMatchObject({ type: 'fail', error: { code: `http-${status}`, status } });
        expect(messageOf(outcome)).toContain('go away');
      }
    }
  },
);

test.each(HTTP)('%s: an answer beyond the limit is cut off, and the wire goes on', async (transport) => {
  await using server = await serve((response, { rpcId, headers }) => {
    if (headers['x-small']) {
      response.writeHead(200, json).end(taskAnswer(transport, rpcId));
      return;
    }
    response.writeHead(200, json);
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000))) {}
    };
    response.on('drain', pour);
    pour();
  });
  await using wire = await open(server.port, transport);
  expect(codeOf(await ask(wire, getTask))).toBe('info answer-too-large');
  const signal = new AbortController().signal;
  const after = await wire.perform(getTask, {
    headers: { 'x-small': '1' },
    signal,
    timeout_ms: 20_000,
    onEvent: () => {},
  });
  expect(codeOf(after)).toBe('ok');
});

test.each(HTTP)('%s: endless streams end by events, by bytes or by silence', async (transport) => {
  await using server = await serve((response, { rpcId, headers }) => {
    response.writeHead(200, sse);
    response.write(event(transport, rpcId, { task: TASK }));
    const filler = { comments: `: ${'x'.repeat(5_000)}\n\n`, events: event(transport, rpcId, { task: TASK }) };
    const text = filler[String(headers['x-fill']) as keyof typeof filler];
    const pour = () => {
      while (text && !response.destroyed && response.write(text)) {}
    };
    response.on('drain', pour);
    pour();
  });
  await using wire = await open(server.port, transport, 10_000);
  const fill = (what: string, timeout_ms: number) =>
    wire.perform(subscribe, {
      headers: { 'x-fill': what },
      signal: new AbortController().signal,
      timeout_ms,
      onEvent: () => {},
    });
  expect(codeOf(await fill('events', 20_000))).toBe('info stream-too-long');
  expect(codeOf(await fill('comments', 20_000))).toBe('info answer-too-large');
  const silent = await fill('nothing', 100);
  expect(codeOf(silent)).toBe('info timeout');
  expect(messageOf(silent)).toBe('No event of SubscribeToTask for 100 ms, after 1 events');
});

test.each(HTTP)('%s: a stream is read as it comes, in spite of slices through a character', async (transport) => {
  const seen = Promise.withResolvers<void>();
  await using server = await serve(async (response, { rpcId }) => {
    response.writeHead(200, sse);
    const bytes = Buffer.from(event(transport, rpcId, { task: { ...TASK, contextId: 'Grüße 🎺' } }));
    for (const byte of bytes) {
      response.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    await seen.promise;
    response.end(`: done\r\n\r\n`);
  });
  await using wire = await open(server.port, transport);
  const events: StreamResponse[] = [];
  const outcome = await ask(wire, subscribe, 20_000, (item) => {
    events.push(item);
    seen.resolve();
  });
  expect(outcome).toEqual({ type: 'ok', value: { events: 1, ended: 'by-agent' } });
  expect(events).toEqual([{ task: { ...TASK, contextId: 'Grüße 🎺' } }]);
});

test.each(HTTP)('%s: junk within a stream, or instead of one, is junk-answer', async (transport) => {
  const bodies = ['data: {"half', 'data: {"jsonrpc":"2.0","id":1,"result":{}}', 'data: []'];
  await using server = await serve((response, { headers, rpcId }) => {
    const nth = Number(String(headers['x-nth']));
    if (nth === 9) {
      response.writeHead(200, json).end(JSON.stringify(TASK));
      return;
    }
    response.writeHead(200, sse);
    response.write(event(transport, rpcId, { task: TASK }));
    response.end(`${bodies[nth]?.replace('"id":1', `"id":${rpcId}`)}\n\n`);
  });
  await using wire = await open(server.port, transport);
  for (const nth of [0, 1, 2, 9]) {
    const headers = { 'x-nth': String(nth) };
    const signal = new AbortController().signal;
    const outcome = await wire.perform(subscribe, { headers, signal, timeout_ms: 20_000, onEvent: () => {} });
    expect(codeOf(outcome)).toBe('fail junk-answer');
  }
});

test.each(HTTP)('%s: an error event in a stream is the protocol error it names', async (transport) => {
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'a2a-protocol.org' };
  const details = [{ ...info, reason: 'TASK_NOT_FOUND' }];
  await using server = await serve((response, { rpcId }) => {
    response.writeHead(200, sse);
    response.write(event(transport, rpcId, { task: TASK }));
    response.end(
      transport === 'jsonrpc'
        ? `data: ${JSON.stringify({ jsonrpc: '2.0', id: rpcId, error: { code: -32001, message: 'gone' } })}\n\n`
        : `event: error\ndata: ${JSON.stringify({ error: { code: 404, status: 'NOT_FOUND', message: 'gone', details } })}\n\n`,
    );
  });
  await using wire = await open(server.port, transport);
  const outcome = await ask(wire, subscribe);
  expect(outcome).toMatchObject({ type: 'fail', error: { code: 'TaskNotFoundError', message: 'gone' } });
});

test.each(HTTP)('%s: a connection reset after sending, or in mid-stream, leaves everything open', async (transport) => {
  await using server = await serve((response, { rpcId, method, url }) => {
    if (response.req.headers.accept === 'text/event-stream') {
      response.writeHead(200, sse);
      response.write(event(transport, rpcId, { task: TASK }));
      setImmediate(() => response.socket?.resetAndDestroy());
    } else if (`${method}${url}`.includes('cancel') || transport === 'jsonrpc') {
      response.socket?.resetAndDestroy();
    } else {
      response.writeHead(200, { ...json, 'content-length': '100' });
      response.write('{"id"');
      setImmediate(() => response.socket?.destroy());
    }
  });
  await using wire = await open(server.port, transport);
  expect(codeOf(await ask(wire, cancelTask))).toBe('info connection-lost');
  expect(codeOf(await ask(wire, getTask))).toBe('info connection-lost');
  expect(codeOf(await ask(wire, subscribe))).toBe('info connection-lost');
});

test.each(['jsonrpc', 'rest', 'grpc'] as const)(
  '%s: nobody listening is certain, nobody answering is not',
  async (transport) => {
    const port = await (async () => {
      await using server = await serveRaw(() => {});
      return server.port;
    })();
    await using nobody = await open(port, transport);
    expect(codeOf(await ask(nobody, getTask))).toBe('fail connection-refused');
    expect(codeOf(await ask(nobody, subscribe))).toBe('fail connection-refused');
    await using server = await serveRaw((socket) => socket.resume());
    await using silent = await open(server.port, transport);
    expect(codeOf(await ask(silent, getTask, 50))).toBe('info timeout');
    expect(codeOf(await ask(silent, subscribe, 50))).toBe('info timeout');
  },
);

test.each(HTTP)('%s: bytes that are no HTTP are junk-answer', async (transport) => {
  await using server = await serveRaw((socket) =>
    socket.once('data', () => socket.write('220 mail.example ESMTP\r\n')),
  );
  await using wire = await open(server.port, transport);
  expect(codeOf(await ask(wire, getTask))).toBe('fail junk-answer');
});

/** Answers the first request on each connection, and ends the connection at the second. */
function serveOnceEach(transport: Transport, how: 'end' | 'resetAndDestroy'): Promise<Running> {
  return serveRaw((socket) => {
    let answered = false;
    socket.on('data', (data) => {
      if (answered) {
        socket[how]();
        return;
      }
      answered = true;
      const body = taskAnswer(transport, Number(/"id":(\d+)\}$/.exec(data.toString())?.[1]));
      const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
      socket.write(`${head}\r\n\r\n${body}`);
    });
  });
}

const CLOSINGS = HTTP.flatMap((transport) =>
  (['end', 'resetAndDestroy'] as const).map((how) => [transport, how] as const),
);

test.each(CLOSINGS)(
  '%s: a kept-alive connection that turns out closed (%s) is retried once, for reads only',
  async (transport, how) => {
    await using server = await serveOnceEach(transport, how);
    await using wire = await open(server.port, transport);
    expect(codeOf(await ask(wire, getTask))).toBe('ok');
    expect(codeOf(await ask(wire, getTask))).toBe('ok');
    expect(server.requests).toBe(2);
    expect(codeOf(await ask(wire, getTask))).toBe('ok');
    expect(codeOf(await ask(wire, cancelTask))).toBe('info connection-lost');
  },
);

test.each(HTTP)('%s: a fresh connection that is closed without an answer is not retried', async (transport) => {
  await using server = await serveRaw((socket) => socket.once('data', () => socket.resetAndDestroy()));
  await using wire = await open(server.port, transport);
  expect(codeOf(await ask(wire, getTask))).toBe('info connection-lost');
  expect(server.requests).toBe(1);
});
