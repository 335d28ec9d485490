/** Some answers have to be there as a whole before they can be changed; every other passes piece by piece. */
import type { IncomingMessage } from 'node:http';
import { withoutHeader } from './headers.ts';
import type { Head, Piece } from './piece.ts';

/** A larger body passes as it is. */
const BODY_BYTES_MAX = 4_194_304;

/** Sends head, changed body and end, with the length that the body then has. */
export function collect(
  received: IncomingMessage,
  head: Head,
  send: (piece: Piece) => void,
  change: (body: Buffer) => Buffer | Promise<Buffer>,
): void {
  let chunks: Buffer[] | undefined = [];
  let bytes = 0;
  received.on('data', (chunk: Buffer) => {
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
  });
  received.once('end', async () => {
    try {
      if (chunks !== undefined) {
        const body = await change(Buffer.concat(chunks));
        const others = withoutHeader(head.headers, 'content-length');
        send({ ...head, headers: [...others, 'Content-Length', String(body.length)] });
        if (body.length > 0) send({ kind: 'bytes', chunk: body });
      }
      send({ kind: 'end', trailers: [], isSeen: false });
    } catch {
      // What cannot be changed must not pass as it is: a card would lead clients past the proxy.
      send({ kind: 'lost', reset: true });
    }
  });
}
