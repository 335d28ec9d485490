/**
 * What was seen on the wire of one op, beside what the SDK makes of it: the SDK's errors do not tell whether a
 * request went out, or what came back instead of an answer. It is filled by the fetch and read by `classify`.
 */

/** How much of an unexpected answer is kept to be shown. */
const HEAD_CHARACTERS = 120;

export interface Exchange {
  /** May be sent again when a kept-alive connection turns out to be closed: the op changes nothing. */
  readonly repeatable: boolean;
  /** The last byte of the request waits for it. */
  readonly hold?: (() => Promise<void>) | undefined;
  /** The request began to be written to a connection. */
  sent: boolean;
  /** The first byte of the answer came. */
  answered: boolean;
  http_status?: number;
  content_type?: string;
  /** The beginning of the answer, as received. */
  head: string;
  /** What the SDK was given to read of an answer in JSON. */
  json?: unknown;
  /** The whole body of an answer with an HTTP status outside 2xx. */
  error_body?: string;
  too_large: boolean;
  /** What the connection itself failed with. */
  broken: Error | undefined;
}

export function newExchange(repeatable: boolean, hold?: () => Promise<void>): Exchange {
  return { repeatable, hold, sent: false, answered: false, head: '', too_large: false, broken: undefined };
}

export function noteHead(exchange: Exchange, chunk: Uint8Array): void {
  if (exchange.head.length < HEAD_CHARACTERS) {
    exchange.head += Buffer.from(chunk.subarray(0, HEAD_CHARACTERS * 4)).toString('utf8');
    exchange.head = exchange.head.slice(0, HEAD_CHARACTERS);
  }
}

/** Text of a stranger, safe to print: one line, at most 120 characters, no control or direction characters. */
export function quoted(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, HEAD_CHARACTERS);
}
