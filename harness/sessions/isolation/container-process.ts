/**
 * The first process of a session's container. It starts nothing until muster has called and said what, and ends when that call
 * does, however it ends: so no agent lives on in a container whose muster was killed.
 */
import type { Socket } from 'node:net';
import { createGate, LIFELINE, type Orders, relayTo, startAgents } from './inside.ts';

const [, , gate] = process.argv;
let ports: ReadonlySet<number> = new Set();
let line: Socket | undefined;

function holdOn(socket: Socket): void {
  line = socket;
  let said = '';
  const hear = (text: string): void => {
    said += text;
    if (!said.endsWith('\n')) return;
    socket.off('data', hear).resume();
    const orders: Orders = JSON.parse(said);
    ports = new Set(orders.agents.map(({ port }) => port));
    startAgents(orders, orders.env);
  };
  socket.setEncoding('utf8').on('data', hear);
  socket.on('end', () => process.exit(1));
  socket.on('close', () => process.exit(1));
  socket.resume();
}

createGate((port) => {
  if (port === LIFELINE && line === undefined) return holdOn;
  return ports.has(port) ? relayTo(port) : undefined;
}).listen(gate);

// The kernel keeps signals from a first process that does not handle them.
process.on('SIGTERM', () => {
  if (line === undefined) process.exit();
});
