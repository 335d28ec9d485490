/**
 * The client's end of an answer: writes its pieces as they are released, and breaks it off where a rule says so. Whatever
 * is broken off, all that came before it has left first.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Break, type Breaks, openBreaks } from './breaks.ts';
import type { Piece } from './piece.ts';
import type { Call, RuleBook } from './rules.ts';

export interface AnswerWriter {
  write(piece: Piece): void;
  /** Call when rules changed: an answer that was open already may be due. */
  rulesChanged(): void;
}

export interface AnswerOptions {
  readonly outgoing: ServerResponse;
  readonly client: Socket;
  readonly rules: RuleBook;
  readonly call: () => Call;
}

const NOTHING = Buffer.alloc(0);

export function openAnswer({ outgoing, client, rules, call }: AnswerOptions): AnswerWriter {
  let breaks: Breaks | undefined;
  let over = false;

  // A reset throws away what has not been sent, so it waits until all that came before is out.
  const breakOff = (by: Break['by']): void => {
    over = true;
    if (by === 'reset') client.write('', () => client.resetAndDestroy());
    else client.write('', () => client.destroySoon());
  };
  const breakIfDue = (): void => {
    const due = over ? undefined : breaks?.due();
    if (due !== undefined) breakOff(due.by);
  };
  const writeBytes = (chunk: Buffer): void => {
    const broken = breaks?.pass(chunk);
    if (broken === undefined) {
      outgoing.write(chunk);
      return;
    }
    if (broken.keep > 0) outgoing.write(chunk.subarray(0, broken.keep));
    breakOff(broken.by);
  };
  const writePiece = (piece: Piece): void => {
    switch (piece.kind) {
      case 'head':
        outgoing.sendDate = false;
        outgoing.writeHead(piece.status, piece.reason, [...piece.headers]);
        client.cork();
        // Sends the head at once. flushHeaders() would do so in UTF-8, and spoil headers that are not ASCII.
        outgoing.write(NOTHING);
        // A body that came along with its head leaves in the same packet; nothing waits longer than this turn.
        setImmediate(() => client.uncork());
        breaks = openBreaks(rules, call(), piece);
        breakIfDue();
        return;
      case 'bytes':
        writeBytes(piece.chunk);
        return;
      case 'end':
        over = true;
        if (piece.trailers.length > 0) outgoing.addTrailers([...piece.trailers]);
        outgoing.end();
        return;
      case 'lost':
        breakOff(piece.reset ? 'reset' : 'close');
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
    rulesChanged: breakIfDue,
  };
}
