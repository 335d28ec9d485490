/**
 * An answer on its way to the client. What the upstream does to its connection is done to the client's, in the order in which
 * it happened; without a rule the proxy never answers in an agent's name, not even with a 502.
 */
import { breakOff, writeBody, writeEnd } from './answer.ts';
import { type BodyReader, followBody } from './body.ts';
import { countEvents } from './event-count.ts';
import { type Exchange, endIfOver, noteWritten, underRules } from './exchange.ts';
import type { AnswerHead } from './head.ts';
import { isEventStream } from './ruled-answer.ts';

const HEAD_END = '\r\n\r\n';

/** Takes what is of the answer, and returns where that ends. Throws where nobody can tell. */
export function hear(exchange: Exchange, bytes: Buffer, from: number): number {
  const { answer, answering, ruled } = exchange;
  if (exchange.isGone) return bytes.length;
  if (answer === undefined || answering === undefined) return hearHeads(exchange, bytes, from);
  // Nobody asked for what comes now: whoever reads it may say what it is.
  if (exchange.isHeard) return ruled === undefined && !exchange.loses ? from : bytes.length;
  return hearBody(exchange, answer, answering, { bytes, from, bodyFrom: from });
}

/** The agent's connection is at its end. */
export function upstreamOver(exchange: Exchange, reset: boolean): void {
  const { way, answer, ruled } = exchange;
  if (exchange.isGone || !exchange.isForwarded) return;
  if (exchange.isHeard) {
    // It does not care for the rest of the request.
    exchange.asking = undefined;
    endIfOver(exchange);
    return;
  }
  exchange.isHeard = true;
  if (exchange.loses) {
    way.client.resetAndDestroy();
  } else if (answer?.framing.kind === 'close' && !reset) {
    exchange.asking = undefined;
    if (ruled !== undefined) {
      ruled.end([]);
    } else {
      way.client.end();
      noteWritten(exchange);
    }
  } else if (ruled !== undefined || way.traffic.rules.concerns(exchange.call)) {
    underRules(exchange).lost(reset);
  } else {
    breakOff(way.client, reset ? 'reset' : 'close');
  }
}

function hearHeads(exchange: Exchange, bytes: Buffer, from: number): number {
  const { way, request } = exchange;
  let at = from;
  for (;;) {
    const found = way.heads.read(bytes, at);
    if (found === undefined) return bytes.length;
    const head = way.readAnswer(found.text, request.method);
    if (head === undefined) throw new Error(`"${found.text.slice(0, 40)}" is no answer`);
    const headFrom = at;
    at = found.end;
    if (head.isInterim) {
      way.client.write(found.text + HEAD_END, 'latin1');
      continue;
    }
    const body = followBody(head.framing);
    beginAnswer(exchange, head, body);
    const passes = exchange.ruled === undefined && !exchange.loses;
    if (passes && found.isSplit) way.client.write(found.text + HEAD_END, 'latin1');
    return hearBody(exchange, head, body, { bytes, from: passes && !found.isSplit ? headFrom : at, bodyFrom: at });
  }
}

function beginAnswer(exchange: Exchange, head: AnswerHead, body: BodyReader): void {
  const { rules } = exchange.way.traffic;
  exchange.answer = head;
  exchange.answering = body;
  const isStream = isEventStream(head);
  if (isStream) exchange.way.noteStream();
  if (head.isTunnel) exchange.asking = followBody(head.framing);
  const [losing] = rules.of(exchange.call, 'losesAnswer');
  if (losing !== undefined) {
    exchange.loses = true;
    rules.hit(losing, exchange.call);
  } else if (exchange.isCard || exchange.ruled !== undefined || rules.concerns(exchange.call)) {
    underRules(exchange).head(head);
  } else if (isStream) {
    exchange.counter = countEvents();
  }
}

interface Come {
  readonly bytes: Buffer;
  /** Of all before it the client knows. */
  readonly from: number;
  readonly bodyFrom: number;
}

function hearBody(exchange: Exchange, { framing }: AnswerHead, body: BodyReader, come: Come): number {
  const { way, ruled, counter } = exchange;
  const { bytes, from, bodyFrom } = come;
  const { client } = way;
  const { end, payload, isOver, isWhole } = body.read(bytes, bodyFrom);
  if (ruled !== undefined) {
    for (const each of payload) ruled.body(each);
  } else if (!exchange.loses) {
    for (const each of payload) {
      exchange.passed_bytes += each.length;
      counter?.blocks(each);
    }
    if (isWhole) {
      if (end > from) client.write(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    } else {
      // A rule that comes now must not find the client inside a chunk.
      if (bodyFrom > from) client.write(bytes.subarray(from, bodyFrom));
      for (const each of payload) writeBody(client, each, framing);
      if (isOver) writeEnd(client, body.trailers(), framing);
    }
  }
  if (isOver) finish(exchange, body);
  return end;
}

function finish(exchange: Exchange, body: BodyReader): void {
  exchange.isHeard = true;
  if (exchange.loses) exchange.way.client.resetAndDestroy();
  else if (exchange.ruled !== undefined) exchange.ruled.end(body.trailers());
  else noteWritten(exchange);
}
