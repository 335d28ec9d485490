/**
 * One request and its answer on their way through the proxy, and what the rules make of the request. Where no rule concerns
 * them their bytes go on as they came, and are only followed to where they end. There is one of these for each request, so it
 * is plain data with functions beside it: a closure for each of them would cost more than the passing.
 */
import type { Socket } from 'node:net';
import { type BodyReader, type Framing, followBody } from './body.ts';
import { isCardPath } from './card.ts';
import type { ForkableCounter } from './event-count.ts';
import { type AnswerHead, closesAfter, type RequestHead } from './head.ts';
import type { HeadReader } from './head-reader.ts';
import type { CallFacts } from './match.ts';
import { factsOf, READ_BYTES_MAX } from './read-call.ts';
import { openRuledAnswer, type RuledAnswer, type UnderWay } from './ruled-answer.ts';
import type { ActiveRule, Call } from './rules.ts';
import type { Traffic } from './traffic.ts';

/** What an exchange gets from the connection it runs on. */
export interface Way {
  readonly client: Socket;
  readonly traffic: Traffic;
  /** Finds the heads in what the agent sends. */
  readonly heads: HeadReader;
  readonly readAnswer: (text: string, method: string) => AnswerHead | undefined;
  /** What goes to clients in place of a card. */
  readonly rewrite: (card: string) => Promise<string | undefined>;
  /** Goes to the agent; a connection to it is opened where there is none. */
  readonly forward: (bytes: Buffer) => void;
  /** For rules that hit a connection by one of its calls. */
  readonly hurt: (active: ActiveRule) => void;
  readonly noteStream: () => void;
  /** Is told of each call what it asks for, with its body; nothing where nobody wants to know. */
  readonly noteCall?: ((facts: CallFacts, body: string) => void) | undefined;
  /** The agent or the client may be read again, or has to wait. */
  readonly onRoom: () => void;
  /** Request and answer are over. */
  readonly onOver: () => void;
}

export interface Exchange {
  readonly request: RequestHead;
  readonly way: Way;
  readonly isCard: boolean;
  call: Call;
  /** Nothing once the whole request is there. */
  asking: BodyReader | undefined;
  /** Of the request, while it is read for the rules or nothing is to get through. */
  held: Buffer[] | undefined;
  /** The payload of the request, while it is read for the rules. */
  taken: Buffer[] | undefined;
  /** The same, for whoever is told of calls. */
  heard: Buffer[] | undefined;
  /** The agent was asked. */
  isForwarded: boolean;
  /** The agent is not to be asked. */
  isDropped: boolean;
  answer: AnswerHead | undefined;
  answering: BodyReader | undefined;
  /** Counts the events of a stream that no rule concerns, for the one that may come. */
  counter: ForkableCounter | undefined;
  passed_bytes: number;
  ruled: RuledAnswer | undefined;
  /** The answer is thrown away. */
  loses: boolean;
  /** The agent has said all of it, … */
  isHeard: boolean;
  /** … and the client has it. */
  isWritten: boolean;
  /** The connection ends with it. */
  isLast: boolean;
  /** The client is gone, or is to hear no more. */
  isGone: boolean;
}

/** While so much of a request is held its client is not read. */
const HELD_BYTES_MAX = 1_048_576;

export function openExchange(request: RequestHead, way: Way): Exchange {
  return {
    request,
    way,
    isCard: request.method === 'GET' && isCardPath(request.path),
    call: way.traffic.rules.call(),
    asking: hasBody(request.framing) ? followBody(request.framing) : undefined,
    held: undefined,
    taken: undefined,
    heard: way.noteCall === undefined ? undefined : [],
    isForwarded: false,
    isDropped: false,
    answer: undefined,
    answering: undefined,
    counter: undefined,
    passed_bytes: 0,
    ruled: undefined,
    loses: false,
    isHeard: false,
    isWritten: false,
    isLast: false,
    isGone: false,
  };
}

/** One of no bytes is over before it begins: no byte comes that could end it. */
const hasBody = (framing: Framing): boolean =>
  framing.kind !== 'none' && !(framing.kind === 'counted' && framing.bytes === 0);

/** Whether rules want it otherwise is decided here, or where its body is there that they want to read: once. */
export function begin(exchange: Exchange): void {
  const { request, way } = exchange;
  const { rules } = way.traffic;
  if (exchange.asking === undefined) noteCall(exchange);
  if (rules.isEmpty()) {
    exchange.isForwarded = true;
    way.forward(request.forward);
    return;
  }
  exchange.held = [request.forward];
  if (rules.reads() && !request.expects) exchange.taken = [];
  if (exchange.taken === undefined || exchange.asking === undefined) decide(exchange);
}

/** Takes what is of the request's body, and returns where that ends. Throws where nobody can tell. */
export function say(exchange: Exchange, bytes: Buffer, from: number): number {
  const { asking, way } = exchange;
  if (asking === undefined) return from;
  const part = asking.read(bytes, from);
  if (part.isOver) exchange.asking = undefined;
  if (exchange.heard !== undefined) {
    exchange.heard.push(...part.payload);
    if (exchange.asking === undefined || sum(exchange.heard) > READ_BYTES_MAX) noteCall(exchange);
  }
  if (!exchange.isDropped) {
    const raw = from === 0 && part.end === bytes.length ? bytes : bytes.subarray(from, part.end);
    if (exchange.held === undefined && !standsStill(exchange)) way.forward(raw);
    else exchange.held = [...(exchange.held ?? []), raw];
  }
  if (exchange.taken !== undefined) {
    exchange.taken.push(...part.payload);
    if (exchange.asking === undefined || sum(exchange.taken) > READ_BYTES_MAX) decide(exchange);
  }
  endIfOver(exchange);
  return part.end;
}

export function rulesChanged(exchange: Exchange): void {
  const { way, answer, counter } = exchange;
  if (exchange.isGone) return;
  const isHeldBack = exchange.held !== undefined && exchange.taken === undefined && !exchange.isDropped;
  if (isHeldBack && !standsStill(exchange)) letGo(exchange);
  const isUnderWay = answer !== undefined && !exchange.isWritten && !exchange.loses;
  if (isUnderWay && way.traffic.rules.concerns(exchange.call)) {
    const { framing } = answer;
    const isStream = counter !== undefined;
    underRules(exchange, { framing, isStream, bytes: exchange.passed_bytes, ...(counter && { counter }) });
  }
  exchange.ruled?.rulesChanged();
}

/** Something that came waits for a rule to be healed. */
export function isHolding({ held, ruled }: Exchange): boolean {
  return held !== undefined || ruled?.isHolding() === true;
}

export function maySay({ held }: Exchange): boolean {
  return held === undefined || sum(held) <= HELD_BYTES_MAX;
}

export function abandon(exchange: Exchange): void {
  exchange.isGone = true;
  exchange.held = undefined;
  exchange.ruled?.drop();
}

export function underRules(exchange: Exchange, begun?: UnderWay): RuledAnswer {
  const { client, traffic, rewrite, onRoom } = exchange.way;
  exchange.ruled ??= openRuledAnswer(
    {
      client,
      traffic,
      call: () => exchange.call,
      rewrite: exchange.isCard ? rewrite : undefined,
      onWritten: () => noteWritten(exchange),
      onMoved: onRoom,
    },
    begun,
  );
  return exchange.ruled;
}

export function noteWritten(exchange: Exchange): void {
  exchange.isWritten = true;
  if (exchange.isLast) exchange.way.client.destroySoon();
  endIfOver(exchange);
}

export function endIfOver({ isWritten, asking, isGone, way }: Exchange): void {
  if (isWritten && asking === undefined && !isGone) way.onOver();
}

function decide(exchange: Exchange): void {
  const { request, way } = exchange;
  const { rules } = way.traffic;
  const facts = factsOf(request, exchange.taken);
  exchange.call = rules.call(facts);
  exchange.taken = undefined;
  const hurting = [...exchange.call.chosenBy].find(({ rule }) => rule.connections !== undefined);
  const [instead] = rules.of(exchange.call, 'instead');
  if (hurting !== undefined) {
    exchange.isDropped = true;
    way.hurt(hurting);
  } else if (instead !== undefined) {
    exchange.isDropped = true;
    exchange.held = undefined;
    rules.turnAway(instead, facts);
    sendInstead(exchange, instead);
  } else if (standsStill(exchange)) {
    way.traffic.notePaced(exchange.call);
  } else {
    letGo(exchange);
  }
}

function sendInstead(exchange: Exchange, { rule: { instead } }: ActiveRule): void {
  const { request } = exchange;
  if (instead === undefined) return;
  // Whether a client that waits for `100 Continue` still sends its body, nobody can tell.
  exchange.isLast = closesAfter(request) || (request.expects && exchange.asking !== undefined);
  if (request.expects) exchange.asking = undefined;
  underRules(exchange).instead(instead, { isHead: request.method === 'HEAD', closes: exchange.isLast });
}

function letGo(exchange: Exchange): void {
  const bytes = exchange.held ?? [];
  exchange.held = undefined;
  exchange.isForwarded = true;
  for (const each of bytes) exchange.way.forward(each);
  exchange.way.onRoom();
}

function standsStill({ way, call }: Exchange): boolean {
  return way.traffic.pacingOf(call)?.standsStill === true;
}

function noteCall(exchange: Exchange): void {
  const { heard, request, way, isCard } = exchange;
  exchange.heard = undefined;
  if (heard === undefined || isCard) return;
  way.noteCall?.(factsOf(request, heard), Buffer.concat(heard).toString('utf8'));
}

function sum(chunks: readonly Buffer[]): number {
  return chunks.reduce((bytes, chunk) => bytes + chunk.length, 0);
}
