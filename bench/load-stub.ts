/**
 * An agent that does next to nothing, on a bare socket, so that what is measured beside it is the client: each message is answered with a
 * small Task of its own, or with a stream of so many events. A message that says `hold` has its stream left open; `stall_ms` and
 * `stall_every_ms` have it answer nobody for so long, again and again. `GET /counts` tells what it has answered, so that a program whose
 * own numbers come when it ends can be measured from one moment to another.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

interface StubQuestion {
  readonly events?: number;
  readonly stall_ms?: number;
  readonly stall_every_ms?: number;
}

const { events = 10, stall_ms = 0, stall_every_ms = 1000 } = JSON.parse(process.argv[2] ?? '{}') as StubQuestion;
const filler = 'stub '.repeat(68);
const began_ms = performance.now();
let url = '';
let tasks = 0;
const counts = { requests: 0, events: 0, held: 0 };
export type StubCounts = typeof counts;

const server = createServer({ noDelay: true }, (socket) => {
  let pending = '';
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (chunk: string) => {
    pending = pending === '' ? chunk : pending + chunk;
    for (;;) {
      const headEnd = pending.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(pending.slice(0, headEnd))?.[1] ?? 0);
      const end = headEnd + 4 + length;
      if (pending.length < end) return;
      const request = pending.slice(0, end);
      pending = pending.slice(end);
      answerInTime(socket, request);
    }
  });
});

function answerInTime(socket: Socket, request: string): void {
  const into_ms = (performance.now() - began_ms) % stall_every_ms;
  // The end of each period is a stall: who asks in it waits until it is over.
  const wait_ms = stall_ms > 0 && into_ms > stall_every_ms - stall_ms ? stall_every_ms - into_ms : 0;
  if (wait_ms === 0) answer(socket, request);
  else setTimeout(() => answer(socket, request), wait_ms);
}

function answer(socket: Socket, request: string): void {
  if (socket.destroyed) return;
  if (request.startsWith('GET /counts')) {
    sendJson(socket, JSON.stringify(counts));
    return;
  }
  if (request.startsWith('GET ')) {
    sendJson(socket, card());
    return;
  }
  const id = /"id":(\d+)/.exec(request)?.[1] ?? 'null';
  tasks += 1;
  counts.requests += 1;
  const name = tasks.toString(16).padStart(8, '0');
  const ids = `"id":"${name}-aaaa-4000-8000-0123456789ab","contextId":"${name}-cccc-4000-8000-0123456789ab"`;
  if (request.includes('"SendStreamingMessage"')) stream(socket, id, ids, name, request.includes('hold'));
  else {
    const task = `{${ids},"status":{"state":"TASK_STATE_COMPLETED","timestamp":"2026-11-21T00:00:00.000Z"},"artifacts":[${artifact(filler)}]}`;
    sendJson(socket, `{"jsonrpc":"2.0","id":${id},"result":{"task":${task}}}`);
  }
}

function stream(socket: Socket, id: string, ids: string, name: string, isHeld: boolean): void {
  const one = (result: string): string => {
    const event = `data: {"jsonrpc":"2.0","id":${id},"result":${result}}\n\n`;
    return `${event.length.toString(16)}\r\n${event}\r\n`;
  };
  const about = `"taskId":"${name}-aaaa-4000-8000-0123456789ab","contextId":"${name}-cccc-4000-8000-0123456789ab"`;
  const first = one(`{"task":{${ids},"status":{"state":"TASK_STATE_WORKING"}}}`);
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${first}`);
  counts.events += isHeld ? 1 : events;
  if (isHeld) {
    counts.held += 1;
    socket.once('close', () => {
      counts.held -= 1;
    });
    return;
  }
  let rest = '';
  for (let index = 0; index < events - 2; index += 1) {
    const append = index === 0 ? 'false' : 'true';
    rest += one(
      `{"artifactUpdate":{${about},"artifact":${artifact(`chunk ${index} `)},"append":${append},"lastChunk":${index === events - 3}}}`,
    );
  }
  rest += one(`{"statusUpdate":{${about},"status":{"state":"TASK_STATE_COMPLETED"}}}`);
  socket.write(`${rest}0\r\n\r\n`);
}

const artifact = (text: string): string => `{"artifactId":"answer","name":"answer","parts":[{"text":"${text}"}]}`;

function sendJson(socket: Socket, body: string): void {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

const card = (): string =>
  JSON.stringify({
    name: 'stub',
    description: 'Answers at once',
    version: '1.0.0',
    supportedInterfaces: [{ url: `${url}/`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [{ id: 'stub', name: 'stub', description: 'Answers at once', tags: ['stub'] }],
  });

server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 });
await once(server, 'listening');
url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
process.stdout.write(`${url}\n`);
// Whoever started this holds the other end: when it is gone, so is this.
process.stdin.resume();
await once(process.stdin, 'end');
process.exit(0);
