/** An agent that does nothing: a small answer, a stream of five events, or one that stays open, so that what is measured is the way there. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { text: 'stub '.repeat(120) } });
const event = `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result: { text: 'stub '.repeat(40) } })}\n\n`;
const EVENTS = 5;

const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const next = (): void => {
    response.write(event);
    sent += 1;
    if (request.url === '/open') return;
    if (sent === EVENTS) response.end();
    else setImmediate(next);
  };
  next();
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(server, 'listening');
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
// Whoever started this holds the other end: when it is gone, so is this.
process.stdin.resume();
await once(process.stdin, 'end');
process.exit(0);
