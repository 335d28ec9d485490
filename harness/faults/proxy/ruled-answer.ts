/**
 * An answer that rules concern on its way to its client: its events, its pace and its end are theirs, in this order. What is
 * held is let go as soon as no rule wants it.
 */
import type { Socket } from 'node:net';
import { type Begun, openAnswer } from './answer.ts';
import { type ForkableCounter, followEvents } from './event-count.ts';
import { type EventStage, openEventStage } from './event-stage.ts';
import { type AnswerHead, headersIn } from './head.ts';
import { withoutHeader } from './headers.ts';
import { openLine } from './line.ts';
import type { Head, Piece } from './piece.ts';
import type { Call, Instead } from './rules.ts';
import type { Traffic } from './traffic.ts';
import { type Collector, openCollector } from './whole-body.ts';

export interface RuledAnswer {
  head(head: AnswerHead): void;
  body(payload: Buffer): void;
  end(trailers: readonly string[]): void;
  /** The agent's connection ended too early. */
  lost(reset: boolean): void;
  /** What is answered and the agent not asked. */
  instead(answer: Instead, more: { readonly isHead: boolean; readonly closes: boolean }): void;
  rulesChanged(): void;
  held_bytes(): number;
  isHolding(): boolean;
  /** So much is held, or not yet read, that the agent should not be read either. */
  isFull(): boolean;
  drop(): void;
}

export interface RuledOptions {
  readonly client: Socket;
  readonly traffic: Traffic;
  readonly call: () => Call;
  /** What is to be sent in place of a whole body, for the card of an agent. */
  readonly rewrite: ((body: string) => Promise<string | undefined>) | undefined;
  readonly onWritten: () => void;
  /** Something that was held has left. */
  readonly onMoved: () => void;
}

/** What the client has of an answer that was under way when the first rule came. */
export type UnderWay = Begun & { readonly counter?: ForkableCounter };

/** While so much of one answer is held its upstream is not read, as with a full window on a long line. */
const HELD_BYTES_MAX = 1_048_576;

export function openRuledAnswer(options: RuledOptions, begun?: UnderWay): RuledAnswer {
  const { client, traffic, call } = options;
  const { rules, pacingOf, notePaced } = traffic;
  const writer = openAnswer({ client, rules, call, begun: forked(begun), onWritten: options.onWritten });
  const line = openLine(
    () => pacingOf(call()),
    (piece) => {
      writer.write(piece);
      options.onMoved();
    },
  );
  const send = (piece: Piece, hold_ms?: () => number): void => {
    if (line.push(piece, hold_ms)) notePaced(call(), piece);
  };
  const pass = (chunk: Buffer, hold_ms?: () => number): void => {
    if (chunk.length > 0) send({ kind: 'bytes', chunk }, hold_ms);
  };
  const { counter } = begun ?? {};
  let stage: EventStage | undefined =
    counter && openEventStage(rules, call(), pass, followEvents(counter.fork()), counter.isInside());
  let collector: Collector | undefined;
  let isSeen = begun !== undefined && begun.framing.kind !== 'counted';

  return {
    head(answer) {
      const head = changedHead(answer, call(), traffic);
      isSeen = answer.framing.kind !== 'counted';
      const change = changeOf(answer, call(), options);
      if (change !== undefined) {
        collector = openCollector(head, send, change);
        return;
      }
      send(head);
      if (head.isStream) stage = openEventStage(rules, call(), pass);
    },
    body(payload) {
      if (collector !== undefined) collector.take(payload);
      else if (stage !== undefined) stage.feed(payload);
      else pass(payload);
    },
    end(trailers) {
      if (collector !== undefined) {
        void collector.end();
        return;
      }
      stage?.end();
      send({ kind: 'end', trailers, isSeen });
    },
    lost(reset) {
      stage?.end();
      send({ kind: 'lost', reset });
    },
    instead({ status, headers, body }, { isHead, closes }) {
      const chunk = Buffer.from(body);
      const own = [...withoutHeader(headers, 'content-length'), 'Content-Length', String(chunk.length)];
      const all = closes ? [...own, 'Connection', 'close'] : own;
      const framing = { kind: 'counted', bytes: chunk.length } as const;
      send({ kind: 'head', status, reason: '', headers: all, framing, isStream: false });
      if (!isHead) pass(chunk);
      send({ kind: 'end', trailers: [], isSeen: false });
    },
    rulesChanged() {
      stage?.rulesChanged();
      line.pump();
      writer.rulesChanged();
    },
    held_bytes: line.held_bytes,
    isHolding: line.isHolding,
    isFull: () => line.held_bytes() > HELD_BYTES_MAX || client.writableNeedDrain,
    drop: line.drop,
  };
}

/** Breaks count for themselves. */
function forked(begun: UnderWay | undefined): Begun | undefined {
  return begun?.counter === undefined ? begun : { ...begun, counter: begun.counter.fork() };
}

export function isEventStream({ contentType }: AnswerHead): boolean {
  return /^text\/event-stream\b/i.test(contentType);
}

function changedHead(answer: AnswerHead, call: Call, { rules }: Traffic): Head {
  const { status, reason, framing } = answer;
  const head: Head = {
    kind: 'head',
    status,
    reason,
    headers: headersIn(answer),
    framing,
    isStream: isEventStream(answer),
  };
  const changing = rules.of(call, 'onHead');
  for (const active of changing) rules.hit(active, call);
  return changing.reduce((changed, { rule }) => rule.onHead?.(changed) ?? changed, head);
}

/** What is to be done with the whole body; nothing where it may pass in pieces. */
function changeOf(
  { contentType }: AnswerHead,
  call: Call,
  { traffic: { rules }, rewrite }: RuledOptions,
): ((body: Buffer) => Buffer | Promise<Buffer>) | undefined {
  if (rewrite !== undefined) return async (body) => Buffer.from((await rewrite(body.toString('utf8'))) ?? body);
  const onBody = rules.of(call, 'onBody');
  if (onBody.length === 0 || !/json/i.test(contentType)) return undefined;
  return (body) => {
    for (const active of onBody) rules.hit(active, call);
    return onBody.reduce((text, { rule }) => rule.onBody?.(text) ?? text, body);
  };
}
