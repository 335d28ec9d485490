/**
 * The smallest balancer that a rolling restart needs: it takes turns among the replicas that say that they are ready, and asks the next
 * one when a replica cannot be reached. What has reached a replica is never sent to another: that is for the client to decide.
 */
import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

const LOOK_MS = 40;

export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** How many requests each of them was given, in their order. */
  shares(): readonly number[];
}

export async function openBalancer(replicas: readonly string[], port = 0): Promise<Balancer> {
  const ready = new Set<string>(replicas);
  const shares = new Map<string, number>(replicas.map((url) => [url, 0]));
  const look = async (url: string): Promise<void> => {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.ok) ready.add(url);
    else ready.delete(url);
  };
  const timer = setInterval(() => void Promise.all(replicas.map(look)), LOOK_MS);
  let turn = 0;
  const inOrder = (): readonly string[] => {
    turn += 1;
    const turned = replicas.map((_, index) => replicas[(index + turn) % replicas.length] ?? '');
    return turned.toSorted((a, b) => Number(ready.has(b)) - Number(ready.has(a)));
  };

  const server = createServer((request, response) => void forward(request, response));
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    for (const url of inOrder()) {
      if (await pass(url, { request, body, response })) {
        shares.set(url, (shares.get(url) ?? 0) + 1);
        return;
      }
    }
    response.writeHead(503).end();
  };
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shares: () => [...shares.values()],
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
}

/** False when nobody was there, and nothing was sent. */
function pass(url: string, { request, body, response }: Exchange): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { method, headers } = request;
  const onward = ask(new URL(request.url ?? '/', url), { method, headers, agent: false }, (answer) => {
    const { connection: _, 'keep-alive': __, ...kept } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, kept);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
    answer.on('aborted', () => response.destroy());
    resolve(true);
  });
  response.on('close', () => onward.destroy());
  onward.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED') return resolve(false);
    response.destroy();
    resolve(true);
  });
  onward.end(body);
  return promise;
}
