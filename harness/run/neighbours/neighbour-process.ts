/**
 * The program of a neighbour: it does on real ports what it is asked to over its line to muster, and ends when that line does,
 * however muster ended. As a stranger it listens and writes down what it is sent; as another process of muster it leases blocks.
 */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Heard } from '../../model/history.ts';
import type { PortLease, PortPool } from '../../model/live.ts';
import type { PortsPlan } from '../../model/plan.ts';
import type { StrangerAnswer } from '../../model/scenario.ts';

export type Ask =
  | { readonly ask: 'grab'; readonly port: number; readonly answers: StrangerAnswer }
  | { readonly ask: 'heard'; readonly user_headers: readonly string[] }
  | { readonly ask: 'lease'; readonly ports: PortsPlan }
  | { readonly ask: 'return' };

/** A refusal is an answer like any other. */
export interface Reply {
  readonly refused?: string;
  readonly ports?: readonly number[];
  readonly heard?: readonly Heard[];
}

interface Post {
  connections: number;
  card_requests: number;
  other_requests: number;
  readonly headers: Set<string>;
}

const CARD_PATH = '/.well-known/agent-card.json';
const posts = new Map<number, Post>();
const leases: PortLease[] = [];
let pool: Promise<PortPool> | undefined;

const cardOf = (port: number) => ({
  name: 'somebody else',
  description: 'An agent of somebody else.',
  version: '1',
  capabilities: { streaming: true },
  defaultInputModes: ['text/plain'],
  defaultOutputModes: ['text/plain'],
  skills: [],
  supportedInterfaces: [{ url: `http://127.0.0.1:${port}/`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
});

const answer = (post: Post, body: string, type: string) => (request: IncomingMessage, response: ServerResponse) => {
  if (request.method === 'GET' && request.url === CARD_PATH) post.card_requests += 1;
  else post.other_requests += 1;
  for (const name of Object.keys(request.headers)) post.headers.add(name);
  response.setHeader('content-type', type).end(body);
};

const serverOf = (post: Post, port: number, answers: StrangerAnswer): Server => {
  // A silent one still reads, so that a client who leaves is noticed.
  if (answers === 'silence') return createServer((socket) => void socket.on('error', () => {}).resume());
  return answers === 'page'
    ? createHttpServer(answer(post, '<!doctype html><title>It works!</title>', 'text/html'))
    : createHttpServer(answer(post, JSON.stringify(cardOf(port)), 'application/json'));
};

const grab = async (port: number, answers: StrangerAnswer): Promise<Reply> => {
  const post: Post = { connections: 0, card_requests: 0, other_requests: 0, headers: new Set() };
  const server = serverOf(post, port, answers).on('connection', () => {
    post.connections += 1;
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    return { refused: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
  posts.set(port, post);
  return { ports: [port] };
};

const heard = (user_headers: readonly string[]): Reply => ({
  heard: [...posts].map(([port, { headers, ...counts }]) => ({
    port,
    ...counts,
    user_headers: user_headers.filter((name) => headers.has(name)),
  })),
});

const lease = async (ports: PortsPlan): Promise<Reply> => {
  // A stranger has no use for it, and starts the sooner.
  pool ??= import('../../ports/port-pool.ts').then(({ openPortPool }) => openPortPool(ports, { run: 'a neighbour' }));
  try {
    const taken = await (await pool).lease('neighbour');
    leases.push(taken);
    return { ports: taken.ports };
  } catch (error) {
    return { refused: (error as Error).message };
  }
};

const carryOut = async (asked: Ask): Promise<Reply> => {
  if (asked.ask === 'grab') return grab(asked.port, asked.answers);
  if (asked.ask === 'heard') return heard(asked.user_headers);
  if (asked.ask === 'lease') return lease(asked.ports);
  await leases.pop()?.[Symbol.asyncDispose]();
  return {};
};

// Muster and the agents come first: many neighbours on a small machine must not make them late.
setPriority(10);

const { MUSTER_LINE = '', MUSTER_MARK = '' } = process.env;
const line = connect(Number(MUSTER_LINE), '127.0.0.1');
line.on('close', () => process.exit()).on('error', () => process.exit());
line.write(`${MUSTER_MARK}\n`);
for await (const text of createInterface({ input: line })) {
  line.write(`${JSON.stringify(await carryOut(JSON.parse(text)))}\n`);
}
