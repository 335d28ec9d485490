/**
 * The parts of a `Response` that the SDK reads, in two makes: one whose body is there already, and one whose body is
 * a stream that holds the socket back when nobody reads.
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
  readonly body: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
  json(): Promise<unknown>;
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

/** Hands the body on as it comes. The socket is paused while a chunk waits to be read. */
export function sseResponse(head: Head, flow: Flow): { readonly response: SlimResponse; readonly sink: Sink } {
  let open = true;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (started) => {
      controller = started;
    },
    pull: () => flow.resume(),
    cancel: () => {
      open = false;
      flow.abort(new Error('The reader left the stream'));
    },
  });
  const once = (act: (stream: ReadableStreamDefaultController<Uint8Array>) => void) => {
    if (open && controller) {
      open = false;
      act(controller);
    }
  };
  return {
    response: responseOf(head, body, () => ''),
    sink: {
      push: (chunk) => {
        if (open && controller) {
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) {
            flow.pause();
          }
        }
      },
      end: () => once((stream) => stream.close()),
      fail: (error) => once((stream) => stream.error(error)),
    },
  };
}
