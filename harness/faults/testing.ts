/** A bare HTTP server and a bare HTTP client for the tests of this folder: real sockets, nothing between them and the proxy. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type RequestOptions, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
}

export async function serve(listener: RequestListener, port = 0): Promise<Served> {
  const sockets = new Set<Socket>();
  // Longer than any test: an idle connection that closes was closed by whoever is tested.
  const server = createServer({ keepAliveTimeout: 120_000 }, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Answers every request with so many events, one a turn of the event loop. */
export function eventStream(events: number, lineEnd = '\n'): RequestListener {
  return (incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const next = (): void => {
      if (outgoing.destroyed) return;
      if (sent === events) {
        outgoing.end();
        return;
      }
      outgoing.write(`data: {"path":${JSON.stringify(incoming.url)},"n":${sent}}${lineEnd}${lineEnd}`);
      sent += 1;
      setImmediate(next);
    };
    next();
  };
}

export async function ask(url: string, options: RequestOptions = {}, body?: string): Promise<IncomingMessage> {
  const outgoing = request(url, options);
  // Node tells a reset of a connection to the request too, after it was told to the answer.
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  return answer as IncomingMessage;
}

export interface Read {
  readonly text: string;
  /** Why the answer ended before its end, where it did. */
  readonly error?: string;
}

export async function read(answer: IncomingMessage): Promise<Read> {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  try {
    await once(answer, 'end');
    return { text: Buffer.concat(chunks).toString() };
  } catch (error) {
    return { text: Buffer.concat(chunks).toString(), error: codeOf(error) };
  }
}

/** The error code of a request that was not answered, or `answered`. */
export async function failureOf(url: string, options: RequestOptions = {}): Promise<string> {
  try {
    const answer = await ask(url, options);
    answer.resume();
    return 'answered';
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

export const noAbort = new AbortController().signal;
