/**
 * The first process of a session's container. It starts nothing until muster has called and said what, and ends when that call
 * does, however it ends: so no agent lives on in a container whose muster was killed.
 */
import type { Socket } from 'node:net';
import { createGate, LIFELINE, type Orders, relayTo, startAgents } from './inside.ts';

const GRACE_MS = 1_500;
/** So long it waits for a call: whoever made the container may be dead. */
const ALONE_MS_MAX = 30_000;

const [, , gate] = process.argv;
let ports: ReadonlySet<number> = new Set();
let line: Socket | undefined;
let tell: ((signal: NodeJS.Signals) => void) | undefined;

function holdOn(socket: Socket): void {
  line = socket;
  let said = '';
  const hear = (text: string): void => {
    said += text;
    if (!said.endsWith('\n')) return;
    socket.off('data', hear).resume();
    const orders: Orders = JSON.parse(said);
    ports = new Set(orders.agents.map(({ port }) => port));
    tell = startAgents(orders, orders.env);
  };
  socket.setEncoding('utf8').on('data', hear);
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.on('close', end);
  socket.resume();
}

/** The agents are asked first. When they are gone, or when they take their time, everything here ends. */
function end(): void {
  tell?.('SIGTERM');
  setTimeout(() => process.exit(1), tell === undefined ? 0 : GRACE_MS);
}

createGate((port) => {
  if (port === LIFELINE && line === undefined) return holdOn;
  return ports.has(port) ? relayTo(port) : undefined;
}).listen(gate);

setTimeout(() => {
  if (line === undefined) process.exit(1);
}, ALONE_MS_MAX);
