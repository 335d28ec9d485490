/** An agent that does nothing: the same small Task for every message, so that what is measured is the client. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const task = {
  id: '00000001-aaaa-4000-8000-0123456789ab',
  contextId: '00000001-cccc-4000-8000-0123456789ab',
  status: { state: 'TASK_STATE_COMPLETED', timestamp: '2026-11-21T00:00:00.000Z' },
  artifacts: [{ artifactId: 'answer', name: 'answer', parts: [{ text: 'stub '.repeat(60), mediaType: 'text/plain' }] }],
  history: [{ messageId: 'message-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] }],
};
const tail = `,"result":${JSON.stringify({ task })}}`;

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const answer = `{"jsonrpc":"2.0","id":${JSON.stringify(JSON.parse(body).id)}${tail}`;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
// Whoever started this holds the other end: when it is gone, so is this.
process.stdin.resume();
await once(process.stdin, 'end');
process.exit(0);
