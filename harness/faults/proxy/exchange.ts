/**
 * One request and its answer on their way through the proxy. What the upstream does to its connection is done to the
 * client's, in the order in which it happened; without a rule the proxy never answers in an agent's name, not even with a 502.
 */
import { type Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import { openAnswer } from './answer.ts';
import { isCardPath } from './card.ts';
import { openEventStage } from './event-stage.ts';
import { answerHeaders, pairsOf, requestHeaders, withoutHeader } from './headers.ts';
import { openLine } from './line.ts';
import type { Head, Piece } from './piece.ts';
import { factsOf, type ReadCall, readCall } from './read-call.ts';
import type { ActiveRule, Call, Instead } from './rules.ts';
import type { Traffic } from './traffic.ts';
import { collect } from './whole-body.ts';

/** What an exchange gets from the connection it runs on. */
export interface Way {
  readonly upstream: URL;
  /** What goes to clients in place of a card. */
  readonly rewrite: (card: string) => Promise<string | undefined>;
  readonly traffic: Traffic;
  readonly client: Socket;
  /** Holds the one upstream connection that belongs to this client connection. */
  readonly agent: Agent;
  /** Whether the upstream connection ended by an error; false where it was closed in good order. */
  upstreamBroke(): boolean;
  /** For rules that hit a connection by one of its calls. */
  hurt(active: ActiveRule): void;
  noteStream(): void;
}

export interface Exchange {
  held_bytes(): number;
  /** Call when rules were added or removed. */
  rulesChanged(): void;
  /** The client is gone, or is to hear no more: its request is withdrawn. */
  abandon(): void;
}

/** While so much of one answer is held its upstream is not read, as with a full window on a long line. */
const HELD_BYTES_MAX = 1_048_576;
/** Ours must not be the limit that a test of oversized headers meets. */
export const HEADER_BYTES_MAX = 1_048_576;

export function relay(incoming: IncomingMessage, outgoing: ServerResponse, way: Way): Exchange {
  const { rules, pacingOf, notePaced } = way.traffic;
  let call: Call = rules.call();
  const answer = openAnswer({ outgoing, client: way.client, rules, call: () => call });
  let source: IncomingMessage | undefined;
  let outbound: ClientRequest | undefined;
  /** What is to be done once the answer stands still no more. */
  let onMoving: (() => void) | undefined;
  let onRules: (() => void) | undefined;
  let gone = false;

  const readOn = (): void => {
    if (line.held_bytes() <= HELD_BYTES_MAX && !outgoing.writableNeedDrain) source?.resume();
  };
  const line = openLine(
    () => pacingOf(call),
    (piece) => {
      answer.write(piece);
      readOn();
    },
  );
  const send = (piece: Piece, hold_ms?: () => number): void => {
    if (gone) return;
    if (line.push(piece, hold_ms)) notePaced(call, piece);
    if (line.held_bytes() > HELD_BYTES_MAX || outgoing.writableNeedDrain) source?.pause();
  };

  const forward = (taken: readonly Buffer[]): void => {
    outbound = ask(incoming, way, taken);
    outbound.once('continue', () => outgoing.writeContinue());
    outbound.once('response', (received) => {
      source = received;
      // Told by `close`; without a listener it would end the process.
      received.on('error', () => undefined);
      onRules = receive(received, { incoming, call, way, send });
    });
    outbound.on('error', () => {
      if (source === undefined) send({ kind: 'lost', reset: way.upstreamBroke() });
    });
  };
  const goOn = ({ facts, taken }: ReadCall): void => {
    if (gone) return;
    call = rules.call(facts);
    const hurting = [...call.chosenBy].find(({ rule }) => rule.connections !== undefined);
    const [instead] = rules.of(call, 'instead');
    if (hurting !== undefined) {
      way.hurt(hurting);
    } else if (instead?.rule.instead !== undefined) {
      rules.turnAway(instead, facts);
      incoming.resume();
      sendInstead(instead.rule.instead, send);
    } else if (pacingOf(call)?.standsStill === true) {
      notePaced(call);
      onMoving = () => forward(taken);
    } else {
      forward(taken);
    }
  };
  if (rules.reads()) readCall(incoming, goOn);
  else goOn({ facts: factsOf(incoming, undefined), taken: [] });

  const abandon = (): void => {
    gone = true;
    line.drop();
    outbound?.destroy();
  };
  outgoing.on('drain', readOn);
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) abandon();
  });
  return {
    held_bytes: line.held_bytes,
    rulesChanged() {
      if (gone) return;
      if (onMoving !== undefined && pacingOf(call)?.standsStill !== true) {
        const moving = onMoving;
        onMoving = undefined;
        moving();
      }
      onRules?.();
      line.pump();
      answer.rulesChanged();
    },
    abandon,
  };
}

function ask(incoming: IncomingMessage, way: Way, taken: readonly Buffer[]): ClientRequest {
  const method = incoming.method ?? 'GET';
  const asking = way.upstream.protocol === 'https:' ? requestTls : request;
  const outbound = asking({
    agent: way.agent,
    method,
    path: incoming.url ?? '/',
    headers: requestHeaders(method, incoming.rawHeaders, way.upstream.host),
    maxHeaderSize: HEADER_BYTES_MAX,
  });
  // Whoever expects `100 Continue` sends no body before it, so nothing else would send these headers.
  if (incoming.headers.expect !== undefined) outbound.write(Buffer.alloc(0));
  for (const chunk of taken) outbound.write(chunk);
  incoming.pipe(outbound);
  return outbound;
}

interface Receiving {
  readonly incoming: IncomingMessage;
  readonly call: Call;
  readonly way: Way;
  readonly send: (piece: Piece, hold_ms?: () => number) => void;
}

/** Sends an answer on as rules want it. Returns what is to be called when rules change. */
function receive(received: IncomingMessage, { incoming, call, way, send }: Receiving): (() => void) | undefined {
  const { rules } = way.traffic;
  const [loses] = rules.of(call, 'losesAnswer');
  if (loses !== undefined) {
    received.resume();
    rules.hit(loses, call);
    received.once('close', () => way.client.resetAndDestroy());
    return undefined;
  }
  const head = headOf(received, call, way);
  if (head.isStream) way.noteStream();
  const stage = head.isStream
    ? openEventStage(rules, call, (chunk, hold_ms) => sendBytes(send, chunk, hold_ms))
    : undefined;
  received.once('close', () => {
    if (received.complete) return;
    stage?.end();
    send({ kind: 'lost', reset: way.upstreamBroke() });
  });
  const onBody = rules.of(call, 'onBody');
  const isJson = /json/i.test(received.headers['content-type'] ?? '');
  if (incoming.method === 'GET' && isCardPath(incoming.url ?? '/')) {
    collect(received, head, send, async (body) => Buffer.from((await way.rewrite(body.toString('utf8'))) ?? body));
  } else if (onBody.length > 0 && isJson) {
    collect(received, head, send, (body) => {
      for (const active of onBody) rules.hit(active, call);
      return onBody.reduce((text, { rule }) => rule.onBody?.(text) ?? text, body);
    });
  } else {
    send(head);
    received.on('data', (chunk: Buffer) => (stage === undefined ? send({ kind: 'bytes', chunk }) : stage.feed(chunk)));
    received.once('end', () => {
      stage?.end();
      const isSeen = received.headers['content-length'] === undefined;
      send({ kind: 'end', trailers: pairsOf(received.rawTrailers), isSeen });
    });
  }
  return stage?.rulesChanged;
}

function sendBytes(send: Receiving['send'], chunk: Buffer, hold_ms?: () => number): void {
  if (chunk.length > 0) send({ kind: 'bytes', chunk }, hold_ms);
}

function headOf(received: IncomingMessage, call: Call, { traffic: { rules } }: Way): Head {
  const type = received.headers['content-type'] ?? '';
  const head: Head = {
    kind: 'head',
    status: received.statusCode ?? 0,
    reason: received.statusMessage ?? '',
    headers: answerHeaders(received.rawHeaders),
    isStream: /^\s*text\/event-stream\b/i.test(type),
  };
  const changing = rules.of(call, 'onHead');
  for (const active of changing) rules.hit(active, call);
  return changing.reduce((changed, { rule }) => rule.onHead?.(changed) ?? changed, head);
}

function sendInstead({ status, headers, body }: Instead, send: (piece: Piece) => void): void {
  const chunk = Buffer.from(body);
  const length = ['Content-Length', String(chunk.length)];
  const others = withoutHeader(headers, 'content-length');
  send({ kind: 'head', status, reason: '', headers: [...others, ...length], isStream: false });
  if (chunk.length > 0) send({ kind: 'bytes', chunk });
  send({ kind: 'end', trailers: [], isSeen: false });
}
