/**
 * The client's end of an answer that rules concern: writes its pieces as they are released, and breaks it off where a rule
 * says so. Whatever is broken off, all that came before it has left first.
 */
import type { Socket } from 'node:net';
import type { Framing } from './body.ts';
import { type Break, type Breakable, type Breaks, openBreaks } from './breaks.ts';
import { renderHeaders } from './headers.ts';
import type { Head, Piece } from './piece.ts';
import type { Call, RuleBook } from './rules.ts';

export interface AnswerWriter {
  write(piece: Piece): void;
  /** Call when rules changed: an answer that was open already may be due. */
  rulesChanged(): void;
}

/** What of an answer the client has already. */
export type Begun = Breakable & { readonly framing: Framing };

export interface AnswerOptions {
  readonly client: Socket;
  readonly rules: RuleBook;
  readonly call: () => Call;
  readonly begun: Begun | undefined;
  /** The client has all of it. */
  readonly onWritten: () => void;
}

export function openAnswer({ client, rules, call, begun, onWritten }: AnswerOptions): AnswerWriter {
  let breaks: Breaks | undefined = begun && openBreaks(rules, call(), begun);
  let framing: Framing | undefined = begun?.framing;
  let over = false;

  const breakIt = (by: Break['by']): void => {
    over = true;
    breakOff(client, by);
  };
  const breakIfDue = (): void => {
    const due = over ? undefined : breaks?.due();
    if (due !== undefined) breakIt(due.by);
  };
  const writeBytes = (chunk: Buffer): void => {
    const broken = breaks?.pass(chunk);
    const kept = broken === undefined ? chunk : chunk.subarray(0, broken.keep);
    if (framing !== undefined) writeBody(client, kept, framing);
    if (broken !== undefined) breakIt(broken.by);
  };
  breakIfDue();

  return {
    write(piece) {
      if (over) return;
      if (piece.kind === 'head') {
        client.write(renderHead(piece), 'latin1');
        framing = piece.framing;
        breaks = openBreaks(rules, call(), piece);
        breakIfDue();
      } else if (piece.kind === 'bytes') {
        writeBytes(piece.chunk);
      } else if (piece.kind === 'end') {
        over = true;
        if (framing !== undefined) writeEnd(client, piece.trailers, framing);
        onWritten();
      } else {
        breakIt(piece.reset ? 'reset' : 'close');
      }
    },
    rulesChanged: breakIfDue,
  };
}

/** A reset throws away what has not been sent, so it waits until all that came before is out. */
export function breakOff(client: Socket, by: Break['by']): void {
  client.write('', () => (by === 'reset' ? client.resetAndDestroy() : client.destroySoon()));
}

/** Each piece is a chunk of its own, so that its client is never left inside one. */
export function writeBody(client: Socket, payload: Buffer, framing: Framing): void {
  if (payload.length === 0 || framing.kind === 'none') return;
  if (framing.kind !== 'chunked') {
    client.write(payload);
    return;
  }
  client.cork();
  client.write(`${payload.length.toString(16)}\r\n`, 'latin1');
  client.write(payload);
  client.write('\r\n', 'latin1');
  client.uncork();
}

export function writeEnd(client: Socket, trailers: readonly string[], { kind }: Framing): void {
  if (kind === 'chunked') client.write(`0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1');
  else if (kind === 'close') client.end();
}

function renderHead({ status, reason, headers }: Head): string {
  return `HTTP/1.1 ${status} ${reason}\r\n${renderHeaders(headers)}\r\n`;
}
