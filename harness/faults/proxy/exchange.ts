/**
 * One request and its answer on their way through the proxy. Where no rule concerns them their bytes go on as they came, and
 * are only followed to where they end. What the upstream does to its connection is done to the client's, in the order in which
 * it happened; without a rule the proxy never answers in an agent's name, not even with a 502.
 */
import type { Socket } from 'node:net';
import { breakOff, writeBody, writeEnd } from './answer.ts';
import { type BodyReader, followBody } from './body.ts';
import { isCardPath } from './card.ts';
import { countEvents, type ForkableCounter } from './event-count.ts';
import { type AnswerHead, closesAfter, type RequestHead, readAnswer } from './head.ts';
import type { HeadReader } from './head-reader.ts';
import { factsOf, READ_BYTES_MAX } from './read-call.ts';
import { isEventStream, openRuledAnswer, type RuledAnswer, type UnderWay } from './ruled-answer.ts';
import type { ActiveRule, Call } from './rules.ts';
import type { Traffic } from './traffic.ts';

/** What an exchange gets from the connection it runs on. */
export interface Way {
  readonly client: Socket;
  readonly traffic: Traffic;
  /** Finds the heads in what the agent sends. */
  readonly heads: HeadReader;
  /** What goes to clients in place of a card. */
  readonly rewrite: (card: string) => Promise<string | undefined>;
  /** Goes to the agent; a connection to it is opened where there is none. */
  readonly forward: (bytes: Buffer) => void;
  /** For rules that hit a connection by one of its calls. */
  readonly hurt: (active: ActiveRule) => void;
  readonly noteStream: () => void;
  /** The agent may be read again, or the client, or has to wait. */
  readonly onRoom: () => void;
  /** Both are over. */
  readonly onOver: () => void;
}

/** Both readers return where what is theirs ends, and throw where nobody can tell. */
export interface Exchange {
  /** Whether rules want it otherwise is decided here, once. */
  begin(): void;
  /** Takes what is of the request's body. */
  say(bytes: Buffer, from: number): number;
  /** Nothing more belongs to the request. */
  isAsked(): boolean;
  /** Takes what is of the answer. */
  hear(bytes: Buffer, from: number): number;
  /** The agent's connection is at its end. */
  upstreamOver(reset: boolean): void;
  rulesChanged(): void;
  held_bytes(): number;
  /** Something that came waits for a rule to be healed. */
  isHolding(): boolean;
  mayHear(): boolean;
  maySay(): boolean;
  /** The client is gone, or is to hear no more. */
  abandon(): void;
}

/** While so much of a request is held its client is not read. */
const HELD_BYTES_MAX = 1_048_576;
const HEAD_END = '\r\n\r\n';

export function openExchange(request: RequestHead, way: Way): Exchange {
  const { client, traffic } = way;
  const { rules } = traffic;
  const isCard = request.method === 'GET' && isCardPath(request.path);
  let call: Call = rules.call();
  let asking: BodyReader | undefined = request.framing.kind === 'none' ? undefined : followBody(request.framing);
  /** Of the request, while it is read for the rules or nothing is to get through. */
  let held: Buffer[] | undefined;
  /** The payload of the request, while it is read for the rules. */
  let taken: Buffer[] | undefined;
  let isForwarded = false;
  let isDropped = false;
  let answer: AnswerHead | undefined;
  let answering: BodyReader | undefined;
  let counter: ForkableCounter | undefined;
  let passed_bytes = 0;
  let ruled: RuledAnswer | undefined;
  let loses = false;
  let isHeard = false;
  let isWritten = false;
  /** The connection ends with it. */
  let isLast = false;
  let isGone = false;

  const endIfOver = (): void => {
    if (isWritten && asking === undefined && !isGone) way.onOver();
  };
  const onWritten = (): void => {
    isWritten = true;
    if (isLast) client.destroySoon();
    endIfOver();
  };
  const underRules = (begun?: UnderWay): RuledAnswer => {
    const rewrite = isCard ? way.rewrite : undefined;
    ruled ??= openRuledAnswer({ client, traffic, call: () => call, rewrite, onWritten, onMoved: way.onRoom }, begun);
    return ruled;
  };
  const letGo = (): void => {
    const bytes = held ?? [];
    held = undefined;
    isForwarded = true;
    for (const each of bytes) way.forward(each);
    way.onRoom();
  };
  const decide = (): void => {
    call = rules.call(factsOf(request, taken));
    taken = undefined;
    const hurting = [...call.chosenBy].find(({ rule }) => rule.connections !== undefined);
    const [instead] = rules.of(call, 'instead');
    if (hurting !== undefined) {
      isDropped = true;
      way.hurt(hurting);
    } else if (instead?.rule.instead !== undefined) {
      isDropped = true;
      held = undefined;
      rules.hit(instead);
      // Whether a client that waits for `100 Continue` still sends its body, nobody can tell.
      if (request.expects && asking !== undefined) {
        asking = undefined;
        isLast = true;
      }
      isLast ||= closesAfter(request);
      underRules().instead(instead.rule.instead, { isHead: request.method === 'HEAD', closes: isLast });
    } else if (traffic.pacingOf(call)?.standsStill === true) {
      traffic.notePaced(call);
    } else {
      letGo();
    }
  };
  const begin = (): void => {
    const head = Buffer.from(request.forward, 'latin1');
    if (rules.isEmpty()) {
      isForwarded = true;
      way.forward(head);
      return;
    }
    held = [head];
    if (!rules.reads() || request.expects) decide();
    else {
      taken = [];
      if (asking === undefined) decide();
    }
  };
  const beginAnswer = (head: AnswerHead): void => {
    answer = head;
    answering = followBody(head.framing);
    const isStream = isEventStream(head);
    if (isStream) way.noteStream();
    if (head.isTunnel) asking = followBody(head.framing);
    const [losing] = rules.of(call, 'losesAnswer');
    if (losing !== undefined) {
      loses = true;
      rules.hit(losing, call);
    } else if (isCard || ruled !== undefined || rules.concerns(call)) {
      underRules().head(head);
    } else if (isStream) {
      counter = countEvents();
    }
  };
  const finish = (): void => {
    isHeard = true;
    if (loses) client.resetAndDestroy();
    else if (ruled !== undefined) ruled.end(answering?.trailers() ?? []);
    else onWritten();
  };
  /** `from` on nothing has gone to the client yet. */
  const hearBody = (
    bytes: Buffer,
    from: number,
    bodyFrom: number,
    { framing }: AnswerHead,
    body: BodyReader,
  ): number => {
    const part = body.read(bytes, bodyFrom);
    if (ruled !== undefined) {
      for (const payload of part.payload) ruled.body(payload);
    } else if (!loses) {
      for (const payload of part.payload) {
        passed_bytes += payload.length;
        counter?.blocks(payload);
      }
      if (part.isWhole) {
        if (part.end > from)
          client.write(from === 0 && part.end === bytes.length ? bytes : bytes.subarray(from, part.end));
      } else {
        if (bodyFrom > from) client.write(bytes.subarray(from, bodyFrom));
        for (const payload of part.payload) writeBody(client, payload, framing);
        if (part.isOver) writeEnd(client, body.trailers(), framing);
      }
    }
    if (part.isOver) finish();
    return part.end;
  };
  const hearHeads = (bytes: Buffer, from: number): number => {
    let at = from;
    while (answer === undefined) {
      const found = way.heads.read(bytes, at);
      if (found === undefined) return bytes.length;
      const head = readAnswer(found.text, request.method);
      if (head === undefined) throw new Error(`"${found.text.slice(0, 40)}" is no answer`);
      const headFrom = at;
      at = found.end;
      if (head.isInterim) {
        client.write(found.text + HEAD_END, 'latin1');
        continue;
      }
      beginAnswer(head);
      const isRaw = ruled === undefined && !loses;
      if (isRaw && found.isSplit) client.write(found.text + HEAD_END, 'latin1');
      if (answering !== undefined) return hearBody(bytes, isRaw && !found.isSplit ? headFrom : at, at, head, answering);
    }
    return at;
  };

  return {
    begin,
    say(bytes, from) {
      if (asking === undefined) return from;
      const part = asking.read(bytes, from);
      if (part.isOver) asking = undefined;
      if (!isDropped) {
        const raw = bytes.subarray(from, part.end);
        if (held === undefined && traffic.pacingOf(call)?.standsStill !== true) way.forward(raw);
        else {
          held ??= [];
          held.push(raw);
        }
      }
      if (taken !== undefined) {
        taken.push(...part.payload);
        if (asking === undefined || sum(taken) > READ_BYTES_MAX) decide();
      }
      endIfOver();
      return part.end;
    },
    isAsked: () => asking === undefined,
    hear(bytes, from) {
      if (isGone) return bytes.length;
      if (answer === undefined || answering === undefined) return hearHeads(bytes, from);
      // Nobody asked for what comes now: whoever reads it may say what it is.
      if (isHeard) return ruled === undefined && !loses ? from : bytes.length;
      return hearBody(bytes, from, from, answer, answering);
    },
    upstreamOver(reset) {
      if (isGone || !isForwarded) return;
      if (isHeard) {
        // It does not care for the rest of the request.
        asking = undefined;
        endIfOver();
        return;
      }
      isHeard = true;
      if (loses) client.resetAndDestroy();
      else if (answer?.framing.kind === 'close' && !reset) {
        asking = undefined;
        if (ruled !== undefined) ruled.end([]);
        else {
          client.end();
          onWritten();
        }
      } else if (ruled !== undefined || rules.concerns(call)) underRules().lost(reset);
      else breakOff(client, reset ? 'reset' : 'close');
    },
    rulesChanged() {
      if (isGone) return;
      const isHeldBack = held !== undefined && taken === undefined && !isDropped;
      if (isHeldBack && traffic.pacingOf(call)?.standsStill !== true) letGo();
      if (answer !== undefined && !isWritten && !loses && rules.concerns(call)) {
        const { framing } = answer;
        underRules({ framing, isStream: counter !== undefined, bytes: passed_bytes, ...(counter && { counter }) });
      }
      ruled?.rulesChanged();
    },
    held_bytes: () => ruled?.held_bytes() ?? 0,
    isHolding: () => held !== undefined || (ruled?.held_bytes() ?? 0) > 0,
    mayHear: () => ruled?.isFull() !== true,
    maySay: () => held === undefined || sum(held) <= HELD_BYTES_MAX,
    abandon() {
      isGone = true;
      held = undefined;
      ruled?.drop();
    },
  };
}

function sum(chunks: readonly Buffer[]): number {
  return chunks.reduce((bytes, chunk) => bytes + chunk.length, 0);
}
