/**
 * A fixture of muster's as an agent in a pod. Fixtures are on 127.0.0.1 and say so on their cards; this stands in front of one, on all addresses of
 * the pod, and lets the card name whatever address it was asked by.
 */
import { Agent, createServer, request } from 'node:http';
import { findFixture } from '/usr/local/lib/node_modules/a2a-muster/dist/fixtures/table.js';

const running = await findFixture(process.argv[2]).start({ port: 0, peers: [] });
const { host, hostname, port } = new URL(running.url);
const agent = new Agent({ keepAlive: true });

const server = createServer((asked, answer) => {
  const { method, url, headers } = asked;
  const inner = request({ agent, hostname, port, method, path: url, headers }, (told) => {
    if (!url.startsWith('/.well-known/')) {
      answer.writeHead(told.statusCode, told.headers);
      told.pipe(answer);
      return;
    }
    const chunks = [];
    told.on('data', (chunk) => chunks.push(chunk));
    told.on('end', () => {
      answer.writeHead(told.statusCode, { 'content-type': told.headers['content-type'] });
      answer.end(Buffer.concat(chunks).toString().replaceAll(host, headers.host));
    });
  });
  inner.on('error', () => answer.destroy());
  answer.on('close', () => inner.destroy());
  asked.pipe(inner);
});
server.listen(8080, '0.0.0.0', () => console.log(`${process.argv[2]} answers on port 8080`));
process.once('SIGTERM', () => process.exit(0));
