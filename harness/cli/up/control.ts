/**
 * The control API of `muster up`: sessions listed, opened, used and ended over HTTP on loopback. Whoever may not is told so
 * before anything is looked at, and a client that leaves while its session starts takes the session with it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { SessionRequest, Sessions } from '../../model/session.ts';
import { type Answer, json, problem, problemOf } from './answer.ts';
import { openGuard } from './guard.ts';
import type { Metrics } from './metrics.ts';

export interface ControlOptions {
  readonly sessions: Sessions;
  readonly metrics: Metrics;
  readonly token: string;
  /** 0 for any free port. */
  readonly port: number;
}

export interface Control extends AsyncDisposable {
  readonly url: string;
}

const BODY_BYTES_MAX = 16 * 1024;

const newSession = z.strictObject({
  user: z.string(),
  agents: z.number().default(1),
  /** Where the user's own client calls from, for the limit per address: the caller here is the app's server. */
  address: z.string().min(1).max(100).optional(),
});

type Handler = (request: IncomingMessage, signal: AbortSignal) => Promise<Answer>;

export async function openControl({ sessions, metrics, token, port }: ControlOptions): Promise<Control> {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  const refusalOf = openGuard(token, bound);

  const answer: Handler = async (request, signal) => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return refusal;
    const path = (request.url ?? '').split('?')[0] ?? '';
    const handlers = handlersOf(path, sessions, metrics);
    if (handlers === undefined) return problem(404, `There is nothing at ${path}.`);
    const handle = handlers[request.method ?? ''];
    const allow = Object.keys(handlers).join(', ');
    return handle === undefined
      ? problem(405, `${request.method} is not for ${path}; ${allow} is.`, { headers: { allow } })
      : handle(request, signal);
  };
  server.on('request', (request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableEnded) gone.abort(new Error('The client is gone.'));
    });
    answer(request, gone.signal)
      .catch(problemOf)
      .then((answered) => send(answered, request, response));
  });

  return {
    url: `http://127.0.0.1:${bound}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** By method; nothing for a path that is not served. */
function handlersOf(
  path: string,
  sessions: Sessions,
  metrics: Metrics,
): Readonly<Record<string, Handler | undefined>> | undefined {
  if (path === '/health') return { GET: async () => healthOf(sessions) };
  if (path === '/metrics')
    return { GET: async () => ({ status: 200, type: metrics.type, body: await metrics.print() }) };
  if (path === '/sessions')
    return {
      GET: async () => json(200, { sessions: sessions.list() }),
      POST: async (request, signal) => {
        const asked = await readRequest(request);
        if ('status' in asked) return asked;
        const session = await sessions.open({ ...asked, signal });
        return json(201, session.view(), { location: `/sessions/${session.id}` });
      },
    };
  const [, id = '', act] = /^\/sessions\/([\w-]+)(\/touch)?$/.exec(path) ?? [];
  if (id === '') return undefined;
  const withSession = (handle: (session: NonNullable<ReturnType<Sessions['get']>>) => Promise<Answer>): Handler => {
    return async () => {
      const session = sessions.get(id);
      return session === undefined
        ? problem(404, `There is no session "${id}"; it has ended, or there never was one.`)
        : handle(session);
    };
  };
  if (act !== undefined)
    return {
      POST: withSession(async (session) => {
        session.touch();
        return json(200, session.view());
      }),
    };
  return {
    GET: withSession(async (session) => json(200, session.view())),
    DELETE: withSession(async (session) => {
      await sessions.end(id, 'asked');
      return json(200, session.view());
    }),
  };
}

function healthOf(sessions: Sessions): Answer {
  const agents = sessions.list().flatMap((session) => session.agents);
  const failing = agents.filter(({ health }) => health !== 'healthy').length;
  const status = failing === 0 ? 'ok' : 'failing';
  return json(200, { status, sessions: sessions.list().length, agents: agents.length, failing });
}

async function readRequest(request: IncomingMessage): Promise<Omit<SessionRequest, 'signal'> | Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX)
      return problem(413, `The body has more than ${BODY_BYTES_MAX} bytes, too many for a session.`, {
        headers: { connection: 'close' },
      });
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const example = 'Send JSON such as {"user": "ann", "agents": 2}.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return problem(400, `The body is not JSON. ${example}`);
  }
  const parsed = newSession.safeParse(value);
  if (!parsed.success) {
    const told = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    return problem(400, `The body asks for no session: ${told.join('; ')}. ${example}`);
  }
  const { user, agents, address } = parsed.data;
  return { user, agents, ...(address === undefined ? {} : { address }) };
}

function send({ status, type, body, headers }: Answer, request: IncomingMessage, response: ServerResponse): void {
  // A body that nobody read would be taken for the next request.
  request.resume();
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
