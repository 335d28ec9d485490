/**
 * The `fetch` under the SDK's HTTP transports, on undici's dispatch: a unary answer is collected and handed over
 * without a stream, which costs a seventh of the global fetch per call, and an SSE answer is handed on chunk by chunk
 * with backpressure. Every byte is counted against a limit, and destroying it leaves no socket behind.
 */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { Respond } from '../model/live.ts';
import type { Traffic } from '../model/vitals.ts';
import { answeredHere } from './answered-here.ts';
import { type Caller, type Dispatching, openClients } from './clients.ts';
import { type Exchange, exchangeOf } from './exchange.ts';
import { JunkAnswer } from './recorded.ts';
import { type Sink, type SlimResponse, sseResponse, unaryResponse } from './slim-response.ts';

/** A stream may bring so many times what a unary answer may. */
const STREAM_BYTES_FACTOR = 64;
/** Of one connection over HTTP/2; what Node's own servers allow. */
const STREAMS_AT_ONCE = 100;
/** Of a stream so much is kept, to be shown where it is none. */
const BEGINNING_BYTES = 480;

export interface SlimFetchOptions {
  /** Scheme, host and port; a URL beyond it is refused. */
  readonly origin: string;
  readonly connections_max: number;
  readonly answer_bytes_max: number;
  readonly user_agent: string;
  /** Answers everything in this process; then no connection is made. */
  readonly respond?: Respond;
  /** Local addresses to connect from, in turn; each has its share of the connections. */
  readonly source_addresses?: readonly string[];
  /** HTTP/2 where the server offers it, over TLS. */
  readonly http2?: boolean;
}

export interface SlimFetch extends AsyncDisposable {
  /** For the SDK's transport factories. What is seen of a call is written into the exchange that it has for a signal. */
  readonly fetch: typeof fetch;
  /** Connections and bytes until now. */
  traffic(): Omit<Traffic, 'ops_open'>;
}

interface Call {
  readonly request: Dispatcher.DispatchOptions;
  readonly wantsStream: boolean;
  readonly exchange: Exchange;
  readonly answer_bytes_max: number;
}

export function openSlimFetch(options: SlimFetchOptions): SlimFetch {
  const { http2 = false, source_addresses: sources = [] } = options;
  const { connectFrom, wasReused, traffic } = watchedConnector(http2);
  // The op has its own clock, and a stream may be silent as long as that allows.
  const clientOptions = { pipelining: http2 ? STREAMS_AT_ONCE : 1, headersTimeout: 0, bodyTimeout: 0 };
  const connections = Math.ceil(options.connections_max / Math.max(1, sources.length));
  const poolFrom = (source?: string): Dispatching => {
    const connect = connectFrom(source);
    return http2
      ? new Pool(options.origin, { ...clientOptions, connections, connect })
      : openClients(options.origin, { ...clientOptions, connect }, connections);
  };
  const pools: readonly Dispatching[] =
    options.respond === undefined
      ? sources.length === 0
        ? [poolFrom()]
        : sources.map(poolFrom)
      : [answeredHere(options.respond, options.origin)];
  const fresh = new Set<Client>();
  let turn = 0;

  /** On a connection of its own, which ends with the answer. */
  const performFresh = (call: Call): Promise<SlimResponse> => {
    const client = new Client(options.origin, {
      ...clientOptions,
      connect: connectFrom(sources[turn % sources.length]),
    });
    fresh.add(client);
    const answer = perform(client, call);
    void client.close().finally(() => fresh.delete(client));
    return answer;
  };

  const slimFetch = async (url: string, init: RequestInit): Promise<SlimResponse> => {
    const exchange = exchangeOf(init.signal);
    const call = callOf(url, init, options, exchange);
    if (call.request.body === null || options.respond !== undefined) await exchange.hold?.();
    turn += 1;
    const pool = pools[turn % pools.length] ?? poolFrom();
    try {
      return await perform(pool, call);
    } catch (error) {
      // The server closed a kept-alive connection while the request was on its way: that is nobody's fault.
      if (exchange.repeatable && !exchange.answered && exchange.over === undefined && wasReused(error)) {
        exchange.sent = false;
        exchange.broken = undefined;
        return await performFresh(call);
      }
      throw error;
    }
  };

  return {
    // The SDK reads the members of SlimResponse and no others.
    fetch: slimFetch as unknown as typeof fetch,
    traffic,
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools, ...fresh].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/** Connects, counts, and remembers of each broken connection whether it had brought an answer before. */
function watchedConnector(http2: boolean) {
  const reused = new WeakSet<object>();
  const open = new Set<Socket>();
  const closed = { connections: 0, bytes_in: 0, bytes_out: 0 };
  const connectFrom = (localAddress?: string): buildConnector.connector => {
    const connectSocket = buildConnector({
      timeout: 0,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(http2 ? { allowH2: true, preferH2: true } : {}),
    });
    return (options, callback) =>
      connectSocket(options, (...[error, socket]: [Error, null] | [null, Socket]) => {
        if (error) {
          callback(error, null);
          return;
        }
        open.add(socket);
        socket.on('error', (problem) => {
          if (socket.bytesRead > 0) {
            reused.add(problem);
          }
        });
        socket.once('close', () => {
          open.delete(socket);
          closed.connections += 1;
          closed.bytes_in += socket.bytesRead;
          closed.bytes_out += socket.bytesWritten;
        });
        callback(null, socket);
      });
  };
  const traffic = () => {
    let { bytes_in, bytes_out } = closed;
    for (const socket of open) {
      bytes_in += socket.bytesRead;
      bytes_out += socket.bytesWritten;
    }
    const connections_opened = closed.connections + open.size;
    return { connections_opened, connections_open: open.size, bytes_in, bytes_out };
  };
  const wasReused = (error: unknown) => typeof error === 'object' && error !== null && reused.has(error);
  return { connectFrom, wasReused, traffic };
}

function callOf(url: string, init: RequestInit, options: SlimFetchOptions, exchange: Exchange): Call {
  const { origin, user_agent, answer_bytes_max } = options;
  if (!url.startsWith(`${origin}/`)) {
    throw new Error(`Cannot fetch ${url}: this connection set is for ${origin} only`);
  }
  const headers: Record<string, string> = { 'user-agent': user_agent, ...(init.headers as Record<string, string>) };
  return {
    request: {
      path: url.slice(origin.length),
      method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
      ...bodyOf(init.body as string | undefined, headers, options, exchange),
    },
    wantsStream: headers['Accept'] === 'text/event-stream',
    exchange,
    answer_bytes_max,
  };
}

/** A request that is held gets its length beforehand, so that nothing but the last byte of its body is missing. */
function bodyOf(
  text: string | undefined,
  headers: Record<string, string>,
  { respond }: SlimFetchOptions,
  exchange: Exchange,
): Pick<Dispatcher.DispatchOptions, 'body' | 'headers'> {
  const { hold } = exchange;
  if (text === undefined || text === '' || hold === undefined || respond !== undefined) {
    return { headers, body: text ?? null };
  }
  const bytes = Buffer.from(text);
  // Undici takes anything that is iterable, and its types name only streams.
  const body = heldBytes(bytes, hold, exchange) as unknown as Readable;
  return { headers: { ...headers, 'content-length': String(bytes.length) }, body };
}

async function* heldBytes(bytes: Buffer, hold: () => Promise<void>, exchange: Exchange): AsyncGenerator<Buffer> {
  if (bytes.length > 1) yield bytes.subarray(0, -1);
  // Asked for more only after the first part was written.
  await hold();
  if (exchange.over !== undefined) throw exchange.over;
  yield bytes.subarray(-1);
}

/** Resolves with the whole answer, or with the head of an SSE answer; rejects with what broke the connection. */
function perform(dispatcher: Pick<Dispatching, 'dispatch' | 'release'>, call: Call): Promise<SlimResponse> {
  const { exchange } = call;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let bytes = 0;
    let bytes_max = call.answer_bytes_max;
    let sink: Sink | undefined;

    const fail = (error: Error) => {
      exchange.onOver = undefined;
      sink?.fail(error);
      reject(error);
    };
    const onOver = (reason: Error) => {
      fail(reason);
      controller?.abort(reason);
    };
    if (exchange.over !== undefined) {
      onOver(exchange.over);
      return;
    }
    exchange.onOver = onOver;

    const caller: Caller = {
      client: undefined,
      onRequestStart(started) {
        controller = started;
        if (exchange.over !== undefined) {
          started.abort(exchange.over);
          return;
        }
        exchange.sent = true;
      },
      onResponseStarted() {
        exchange.answered = true;
      },
      onResponseStart(started, status, headers, statusText = '') {
        if (status < 200) {
          return;
        }
        exchange.http_status = status;
        exchange.content_type = String(headers['content-type'] ?? '');
        if (status >= 300 && headers['retry-after'] !== undefined)
          exchange.retry_after = String(headers['retry-after']);
        const head = { status, statusText, headers };
        if (call.wantsStream && status < 300 && exchange.content_type.startsWith('text/event-stream')) {
          bytes_max *= STREAM_BYTES_FACTOR;
          // They have been read, and hold on to what came with them for as long as the stream is open.
          started.rawHeaders = null;
          const stream = sseResponse(head, started);
          sink = stream.sink;
          resolve(stream.response);
        } else {
          sink = unaryResponse(head, exchange, (response) =>
            isForeign(call, response) ? reject(new JunkAnswer('another content type than JSON')) : resolve(response),
          );
        }
      },
      onResponseData(started, chunk) {
        // After a pause undici's parser gives an empty chunk first; to pause at that one again would be for ever.
        if (chunk.length === 0) {
          return;
        }
        bytes += chunk.length;
        if (bytes > bytes_max) {
          exchange.too_large = true;
          const error = new Error(`The answer is larger than ${bytes_max} bytes`);
          fail(error);
          started.abort(error);
          return;
        }
        // A stream outlives the buffer that its first chunk is part of.
        exchange.beginning ??= call.wantsStream ? Buffer.from(chunk.subarray(0, BEGINNING_BYTES)) : chunk;
        sink?.push(chunk);
      },
      onResponseEnd() {
        exchange.onOver = undefined;
        dispatcher.release?.(caller);
        sink?.end();
      },
      onResponseError(_started, error) {
        exchange.broken ??= error;
        dispatcher.release?.(caller);
        fail(error);
      },
    };
    dispatcher.dispatch(call.request, caller);
  });
}

/**
 * A 2xx answer that says itself that it is no JSON (§9.1, §11.1). The SDK looks at the content type only where it
 * wants a stream, and an answer that does not say what it is gets the benefit of the doubt.
 */
function isForeign({ wantsStream, exchange }: Call, { ok }: SlimResponse): boolean {
  const says = exchange.content_type ?? '';
  return ok && !wantsStream && says !== '' && !/json/i.test(says) && exchange.beginning !== undefined;
}
