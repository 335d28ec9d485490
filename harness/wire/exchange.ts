/**
 * What was seen on the wire of one op, beside what the SDK makes of it: the SDK's errors do not tell whether a
 * request went out, or what came back instead of an answer. It is filled by the fetch and read by `classify`. Over HTTP it
 * goes through the SDK in the place of an AbortSignal, which costs more than all else that a call is made of.
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
  /** When to come back, as the answer has it. */
  retry_after?: string;
  /** The beginning of the answer, as received. */
  beginning: Uint8Array | undefined;
  /** What the SDK was given to read of an answer in JSON. */
  json?: unknown;
  /** The whole body of an answer with an HTTP status outside 2xx. */
  error_body?: string;
  too_large: boolean;
  /** What the connection itself failed with. */
  broken: Error | undefined;
  /** The op is over: whatever is still on its way is let go. */
  over: Error | undefined;
  /** What lets it go. */
  onOver: ((reason: Error) => void) | undefined;
}

export function newExchange(repeatable: boolean, hold?: () => Promise<void>): Exchange {
  return {
    repeatable,
    hold,
    sent: false,
    answered: false,
    beginning: undefined,
    too_large: false,
    broken: undefined,
    over: undefined,
    onOver: undefined,
  };
}

/** For the SDK, which does nothing with a signal but hand it to its fetch. */
export function asSignal(exchange: Exchange): AbortSignal {
  return exchange as unknown as AbortSignal;
}

/** The one that was given as a signal; for a signal of somebody else, one that ends with it. */
export function exchangeOf(signal: AbortSignal | null | undefined): Exchange {
  if (signal !== null && signal !== undefined && 'repeatable' in signal) return signal as unknown as Exchange;
  const exchange = newExchange(false);
  const onAbort = (): void =>
    endExchange(exchange, signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  return exchange;
}

export function endExchange(exchange: Exchange, reason: Error): void {
  exchange.over ??= reason;
  exchange.onOver?.(reason);
  exchange.onOver = undefined;
}

/** The first characters of the answer. */
export function headOf({ beginning }: Exchange): string {
  if (beginning === undefined) return '';
  return Buffer.from(beginning.buffer, beginning.byteOffset, Math.min(beginning.length, HEAD_CHARACTERS * 4))
    .toString('utf8')
    .slice(0, HEAD_CHARACTERS);
}

/** Text of a stranger, safe to print: one line, at most 120 characters, no control or direction characters. */
export function quoted(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, HEAD_CHARACTERS);
}
