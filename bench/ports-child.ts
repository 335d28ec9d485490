/**
 * One of many processes on one range of ports: holds blocks, or races for them, by muster's leases or with get-port alone. It
 * tells what it has in lines of JSON, does each next thing when it is sent a line, and ends when its input does.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import getPort, { portNumbers } from 'get-port';
import type { PortsPlan } from '../harness/model/plan.ts';
import { openPortPool } from '../harness/ports/port-pool.ts';

export interface PortsQuestion {
  readonly way: 'leases' | 'get-port' | 'get-port-shuffled';
  readonly plan: PortsPlan;
  readonly folder: string;
  readonly blocks: number;
  /** Between finding a port and binding it: an agent that boots takes so long at least. */
  readonly boot_ms: number;
}

export interface PortsAnswer {
  readonly ports: readonly number[];
  /** Ports that somebody else had when they were to be bound. */
  readonly conflicts: number;
  readonly refused: number;
  readonly ms: number;
}

const question = JSON.parse(process.argv[2] ?? 'null') as PortsQuestion;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (value: unknown): void => console.log(JSON.stringify(value));

/** As an agent would; nothing when it cannot. */
const listens = async (port: number, socket?: object): Promise<number | undefined> => {
  const server = createServer();
  if (socket === undefined) server.listen(port, '127.0.0.1');
  else server.listen(socket);
  return once(server, 'listening').then(
    () => port,
    () => undefined,
  );
};

const answerOf = (bound: readonly (number | undefined)[], refused: number, begun_ms: number): PortsAnswer => {
  const ports = bound.filter((port) => port !== undefined);
  return { ports, conflicts: bound.length - ports.length, refused, ms: performance.now() - begun_ms };
};

const byLeases = async ({ plan, folder, blocks, boot_ms }: PortsQuestion): Promise<PortsAnswer> => {
  const pool = await openPortPool(plan, { folder });
  tell('ready');
  await lines.next();
  const begun_ms = performance.now();
  const leases = await Promise.allSettled(Array.from({ length: blocks }, (_, index) => pool.lease(`user-${index}`)));
  const had = leases.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  await delay(boot_ms);
  const bound = await Promise.all(
    had.flatMap((lease) => lease.ports.map((port) => listens(port, lease.take(port)?.handle))),
  );
  return answerOf(bound, blocks - had.length, begun_ms);
};

const candidates = ({ way, plan }: PortsQuestion): Iterable<number> => {
  const inOrder = portNumbers(plan.first, plan.last);
  if (way === 'get-port') return inOrder;
  const all = [...inOrder];
  const turn = Math.floor(Math.random() * all.length);
  return [...all.slice(turn), ...all.slice(0, turn)];
};

const byGetPort = async (asked: PortsQuestion): Promise<PortsAnswer> => {
  const { plan, blocks, boot_ms } = asked;
  tell('ready');
  await lines.next();
  const begun_ms = performance.now();
  const found: number[] = [];
  while (found.length < blocks * plan.block) found.push(await getPort({ port: candidates(asked), host: '127.0.0.1' }));
  await delay(boot_ms);
  return answerOf(await Promise.all(found.map((port) => listens(port))), 0, begun_ms);
};

tell(await (question.way === 'leases' ? byLeases(question) : byGetPort(question)));
await lines.next();
process.exit();
