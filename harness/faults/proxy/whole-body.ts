/** Some answers have to be there as a whole before they can be changed; every other passes piece by piece. */
import { withoutHeader } from './headers.ts';
import type { Head, Piece } from './piece.ts';

export interface Collector {
  take(chunk: Buffer): void;
  /** The body is there: sends head, changed body and end, with the length that the body then has. */
  end(): Promise<void>;
}

/** A larger body passes as it is. */
const BODY_BYTES_MAX = 4_194_304;

export function openCollector(
  head: Head,
  send: (piece: Piece) => void,
  change: (body: Buffer) => Buffer | Promise<Buffer>,
): Collector {
  let chunks: Buffer[] | undefined = [];
  let bytes = 0;
  return {
    take(chunk) {
      bytes += chunk.length;
      if (chunks === undefined) {
        send({ kind: 'bytes', chunk });
        return;
      }
      chunks.push(chunk);
      if (bytes <= BODY_BYTES_MAX) return;
      send(head);
      for (const held of chunks) send({ kind: 'bytes', chunk: held });
      chunks = undefined;
    },
    async end() {
      try {
        if (chunks !== undefined) sendWhole(head, await change(Buffer.concat(chunks)), send);
        send({ kind: 'end', trailers: [], isSeen: false });
      } catch {
        // What cannot be changed must not pass as it is: a card would lead clients past the proxy.
        send({ kind: 'lost', reset: true });
      }
    },
  };
}

function sendWhole(head: Head, body: Buffer, send: (piece: Piece) => void): void {
  const framed = ['content-length', 'transfer-encoding', 'trailer'];
  const headers = framed.reduce<readonly string[]>(withoutHeader, head.headers);
  // An answer to HEAD, and such as 304, say a length and have none.
  const hasBody = head.framing.kind !== 'none';
  send({
    ...head,
    headers: hasBody ? [...headers, 'Content-Length', String(body.length)] : head.headers,
    framing: hasBody ? { kind: 'counted', bytes: body.length } : head.framing,
  });
  if (hasBody && body.length > 0) send({ kind: 'bytes', chunk: body });
}
