/**
 * One request and its answer on their way through the proxy. What the upstream does to its connection is done to the
 * client's, in the order in which it happened; the proxy never answers in an agent's name, not even with a 502.
 */
import { type Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { openAnswer, type Piece } from './answer.ts';
import { isCardPath, rewriteCard } from './card.ts';
import { openDelayLine } from './delay-line.ts';
import { answerHeaders, type RawHeaders, requestHeaders, withoutHeader } from './headers.ts';
import type { CountedStream, RuleBook } from './rules.ts';

/** What an exchange gets from the connection it runs on. */
export interface Way {
  readonly upstream: URL;
  readonly proxy: URL;
  readonly rules: RuleBook;
  readonly client: Socket;
  /** Holds the one upstream connection that belongs to this client connection. */
  readonly agent: Agent;
  /** Whether the upstream connection ended by an error; false where it was closed in good order. */
  upstreamBroke(): boolean;
  noteStream(): void;
}

export interface Exchange {
  stream(): CountedStream | undefined;
  held_bytes(): number;
  /** Call when rules were added or removed. */
  rulesChanged(): void;
  /** The client is gone, so its request is withdrawn. */
  abandon(): void;
}

/** While so much of one answer is held its upstream is not read, as with a full window on a long line. */
const HELD_BYTES_MAX = 1_048_576;
/** A larger card passes as it is. */
const CARD_BYTES_MAX = 4_194_304;
/** Ours must not be the limit that a test of oversized headers meets. */
export const HEADER_BYTES_MAX = 1_048_576;

export function relay(incoming: IncomingMessage, outgoing: ServerResponse, way: Way): Exchange {
  const method = incoming.method ?? 'GET';
  const path = incoming.url ?? '/';
  const answer = openAnswer(outgoing, way.client, way.rules);
  let source: IncomingMessage | undefined;
  let gone = false;

  const readOn = (): void => {
    if (line.held_bytes() <= HELD_BYTES_MAX && !outgoing.writableNeedDrain) source?.resume();
  };
  const line = openDelayLine<Piece>(way.rules.delay_ms, (piece) => {
    answer.write(piece);
    readOn();
  });
  const send = (piece: Piece): void => {
    if (gone) return;
    const bytes = piece.kind === 'bytes' ? piece.chunk.length : 0;
    if (line.push(piece, bytes)) way.rules.noteHeld(line, bytes);
    if (line.held_bytes() > HELD_BYTES_MAX || outgoing.writableNeedDrain) source?.pause();
  };

  const outbound = request({
    agent: way.agent,
    method,
    path,
    headers: requestHeaders(method, incoming.rawHeaders, way.upstream.host),
    maxHeaderSize: HEADER_BYTES_MAX,
  });
  outbound.once('continue', () => outgoing.writeContinue());
  outbound.once('response', (received) => {
    source = received;
    received.once('close', () => {
      if (!received.complete) send({ kind: 'lost', reset: way.upstreamBroke() });
    });
    // Told by `close`; without a listener it would end the process.
    received.on('error', () => undefined);
    const head = headOf(received);
    if (head.isStream) way.noteStream();
    if (isCardPath(path) && method === 'GET') sendCard(received, head, way, send);
    else sendThrough(received, head, send);
  });
  outbound.on('error', () => {
    if (source === undefined) send({ kind: 'lost', reset: way.upstreamBroke() });
  });
  // Whoever expects `100 Continue` sends no body before it, so nothing else would send these headers.
  if (incoming.headers.expect !== undefined) outbound.write(Buffer.alloc(0));
  incoming.pipe(outbound);

  const abandon = (): void => {
    gone = true;
    line.drop();
    outbound.destroy();
  };
  outgoing.on('drain', readOn);
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) abandon();
  });
  return {
    stream: answer.stream,
    held_bytes: line.held_bytes,
    rulesChanged() {
      line.pump();
      answer.cutIfDue();
    },
    abandon,
  };
}

type Head = Extract<Piece, { readonly kind: 'head' }>;

function headOf(received: IncomingMessage): Head {
  const type = received.headers['content-type'] ?? '';
  return {
    kind: 'head',
    status: received.statusCode ?? 0,
    reason: received.statusMessage ?? '',
    headers: answerHeaders(received.rawHeaders),
    isStream: /^\s*text\/event-stream\b/i.test(type),
  };
}

function sendThrough(received: IncomingMessage, head: Head, send: (piece: Piece) => void): void {
  send(head);
  received.on('data', (chunk: Buffer) => send({ kind: 'bytes', chunk }));
  received.once('end', () => send({ kind: 'end', trailers: pairsOf(received.rawTrailers) }));
}

/** A card has to be there as a whole before it can be rewritten; every other answer passes piece by piece. */
function sendCard(received: IncomingMessage, head: Head, way: Way, send: (piece: Piece) => void): void {
  let chunks: Buffer[] | undefined = [];
  let bytes = 0;
  received.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (chunks === undefined) {
      send({ kind: 'bytes', chunk });
      return;
    }
    chunks.push(chunk);
    if (bytes <= CARD_BYTES_MAX) return;
    send(head);
    for (const held of chunks) send({ kind: 'bytes', chunk: held });
    chunks = undefined;
  });
  received.once('end', () => {
    if (chunks !== undefined) {
      const text = Buffer.concat(chunks);
      const card = rewriteCard(text.toString('utf8'), way.upstream, way.proxy);
      const body = card === undefined ? text : Buffer.from(card);
      const others = withoutHeader(head.headers, 'content-length');
      send({ ...head, headers: [...others, 'Content-Length', String(body.length)] });
      if (body.length > 0) send({ kind: 'bytes', chunk: body });
    }
    send({ kind: 'end', trailers: [] });
  });
}

function pairsOf(raw: RawHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return pairs;
}
