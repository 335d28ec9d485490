/**
 * The parts of a `Response` that the SDK reads, in two makes: one whose body is there already, and one whose body is
 * a stream that holds the socket back when nobody reads. A stream of the web with its decoder takes some 30 KB and more time
 * than the events that it brings, so what the SDK is given has just the members that it uses.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from './exchange.ts';

export interface SlimResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: {
    get(name: string): string | null;
    forEach(callback: (value: string, name: string) => void): void;
  };
  readonly body: SlimBody | null;
  text(): Promise<string>;
  json(): Promise<unknown>;
}

/** The SDK reads a body through a decoder of its own making; the text that comes out is the same without it. */
export interface SlimBody {
  pipeThrough(decoder: unknown): { getReader(): TextReader };
  cancel(): Promise<void>;
}

export interface TextReader {
  /** One at a time. */
  read(): Promise<
    { readonly done: false; readonly value: string } | { readonly done: true; readonly value?: undefined }
  >;
  cancel(): Promise<void>;
  releaseLock(): void;
}

export interface Sink {
  push(chunk: Buffer): void;
  end(): void;
  fail(error: Error): void;
}

interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
}

interface Flow {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

function responseOf(
  { status, statusText, headers }: Head,
  body: SlimResponse['body'],
  text: () => string,
  exchange?: Exchange,
): SlimResponse {
  const one = (value: string | string[]) => (Array.isArray(value) ? value.join(', ') : value);
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText,
    headers: {
      get: (name) => {
        const value = headers[name.toLowerCase()];
        return value === undefined ? null : one(value);
      },
      forEach: (callback) => {
        for (const [name, value] of Object.entries(headers)) {
          if (value !== undefined) {
            callback(one(value), name);
          }
        }
      },
    },
    body,
    text: async () => text(),
    json: async () => {
      const json: unknown = JSON.parse(text());
      if (exchange) {
        exchange.json = json;
      }
      return json;
    },
  };
}

/** Collects the body, and hands the response over when it is whole. */
export function unaryResponse(head: Head, exchange: Exchange, done: (response: SlimResponse) => void): Sink {
  const chunks: Buffer[] = [];
  return {
    push: (chunk) => void chunks.push(chunk),
    end: () => {
      const [first] = chunks;
      const text = chunks.length === 1 && first ? first.toString() : Buffer.concat(chunks).toString();
      if (head.status >= 300) {
        exchange.error_body = text;
      }
      done(responseOf(head, null, () => text, exchange));
    },
    fail: () => {},
  };
}

type Chunk = Awaited<ReturnType<TextReader['read']>>;

const DONE: Chunk = { done: true };

/** Hands the body on as it comes. The socket is paused while a chunk waits to be read. */
export function sseResponse(head: Head, flow: Flow): { readonly response: SlimResponse; readonly sink: Sink } {
  const decode = startDecoding();
  const unread: string[] = [];
  let state: 'open' | 'ended' | 'left' | Error = 'open';
  let paused = false;
  let reader: { readonly resolve: (chunk: Chunk) => void; readonly reject: (error: Error) => void } | undefined;

  const take = (text: string): void => {
    if (text === '') return;
    if (reader === undefined) unread.push(text);
    else {
      reader.resolve({ done: false, value: text });
      reader = undefined;
    }
  };
  const settle = (): void => {
    if (reader === undefined) return;
    if (state instanceof Error) reader.reject(state);
    else reader.resolve(DONE);
    reader = undefined;
  };
  const read = (): Promise<Chunk> =>
    new Promise((resolve, reject) => {
      const value = unread.shift();
      if (value !== undefined) resolve({ done: false, value });
      else {
        reader = { resolve, reject };
        if (state !== 'open') settle();
      }
      if (paused && unread.length === 0) {
        paused = false;
        flow.resume();
      }
    });
  const cancel = async (): Promise<void> => {
    if (state !== 'open') return;
    state = 'left';
    unread.length = 0;
    settle();
    flow.abort(new Error('The reader left the stream'));
  };
  const body: SlimBody = {
    pipeThrough: () => ({ getReader: () => ({ read, cancel, releaseLock: () => {} }) }),
    cancel,
  };

  return {
    response: responseOf(head, body, () => ''),
    sink: {
      push: (chunk) => {
        if (state !== 'open') return;
        take(decode(chunk));
        if (unread.length > 0) {
          paused = true;
          flow.pause();
        }
      },
      end: () => {
        if (state !== 'open') return;
        take(decode());
        state = 'ended';
        settle();
      },
      fail: (error) => {
        if (state !== 'open') return;
        state = error;
        // As a stream of the web does, which forgets what nobody has read when it fails.
        unread.length = 0;
        settle();
      },
    },
  };
}

/** What a TextDecoder makes of all chunks together. Only a character that lies across two of them needs one. */
export function startDecoding(): (chunk?: Buffer) => string {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let isBeginning = true;
  const textOf = (chunk: Buffer | undefined): string => {
    if (chunk === undefined) return decoder?.decode() ?? '';
    if (decoder === undefined && (chunk[chunk.length - 1] ?? 0) < 0x80) return chunk.toString();
    // A byte order mark that comes in two chunks is taken for two by some.
    decoder ??= new TextDecoder('utf-8', { ignoreBOM: true });
    return decoder.decode(chunk, { stream: true });
  };
  return (chunk) => {
    const text = textOf(chunk);
    if (!isBeginning || text === '') return text;
    isBeginning = false;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  };
}
