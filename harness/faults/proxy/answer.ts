/**
 * The client's end of an answer: writes its pieces as they are released, and cuts streams between two events. Whatever
 * is cut, every event before the cut has left first.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { countEvents } from './event-count.ts';
import type { CountedStream, RuleBook } from './rules.ts';

export type Piece =
  | {
      readonly kind: 'head';
      readonly status: number;
      readonly reason: string;
      readonly headers: string[];
      /** Its body is a text/event-stream. */
      readonly isStream: boolean;
    }
  | { readonly kind: 'bytes'; readonly chunk: Buffer }
  | { readonly kind: 'end'; readonly trailers: readonly [string, string][] }
  /** The upstream's connection ended too early: by an error, or in good order. */
  | { readonly kind: 'lost'; readonly reset: boolean };

export interface AnswerWriter {
  write(piece: Piece): void;
  /** The answer as rules see it, where it is a stream under way. */
  stream(): CountedStream | undefined;
  /** Call when a rule was added: a stream that was open already may be due. */
  cutIfDue(): void;
}

const NOTHING = Buffer.alloc(0);

export function openAnswer(outgoing: ServerResponse, client: Socket, rules: RuleBook): AnswerWriter {
  const counter = countEvents();
  let stream: { events: number } | undefined;
  let over = false;

  // A reset throws away what has not been sent, so it waits until all that came before is out.
  const reset = (): void => {
    over = true;
    client.write('', () => client.resetAndDestroy());
  };
  const cutIfDue = (): void => {
    if (!over && stream !== undefined && rules.cuts(stream)) reset();
  };
  const writeEvents = (open: { events: number }, chunk: Buffer): void => {
    for (const end of counter.ends(chunk)) {
      open.events += 1;
      if (!rules.cuts(open)) continue;
      outgoing.write(chunk.subarray(0, end));
      reset();
      return;
    }
    outgoing.write(chunk);
  };
  const writePiece = (piece: Piece): void => {
    switch (piece.kind) {
      case 'head':
        outgoing.sendDate = false;
        outgoing.writeHead(piece.status, piece.reason, piece.headers);
        client.cork();
        // Sends the head at once. flushHeaders() would do so in UTF-8, and spoil headers that are not ASCII.
        outgoing.write(NOTHING);
        // A body that came along with its head leaves in the same packet; nothing waits longer than this turn.
        setImmediate(() => client.uncork());
        if (piece.isStream) stream = { events: 0 };
        cutIfDue();
        return;
      case 'bytes':
        if (stream === undefined) outgoing.write(piece.chunk);
        else writeEvents(stream, piece.chunk);
        return;
      case 'end':
        over = true;
        if (piece.trailers.length > 0) outgoing.addTrailers(piece.trailers);
        outgoing.end();
        return;
      case 'lost':
        over = true;
        if (piece.reset) reset();
        else client.destroySoon();
    }
  };

  outgoing.once('close', () => {
    over = true;
  });
  // A client that left between two pieces: its `close` says so, this would only end the process.
  outgoing.on('error', () => undefined);

  return {
    write(piece) {
      if (over) return;
      try {
        writePiece(piece);
      } catch {
        // Node refuses to send some heads that it accepts (a status of 042): then nothing better than silence is true.
        over = true;
        client.resetAndDestroy();
      }
    },
    stream: () => (over ? undefined : stream),
    cutIfDue,
  };
}
