/**
 * Lets the rules at the events of one stream. While there is such a rule, bytes wait until the event that they belong to is
 * whole; while there is none they pass as they come. Whatever is healed, and whenever, nothing stays behind.
 */
import { type Block, type EventFraming, followEvents } from './event-count.ts';
import type { ActiveRule, Call, RuleBook } from './rules.ts';

export interface EventStage {
  feed(chunk: Buffer): void;
  rulesChanged(): void;
  /** The stream is over, or broken: what is held goes on. */
  end(): void;
}

export type Pass = (bytes: Buffer, hold_ms?: () => number) => void;

/** An event that is larger passes without being touched. */
const EVENT_BYTES_MAX = 4_194_304;

interface Acting {
  nth: number;
  held: Buffer | undefined;
}

export function openEventStage(
  rules: RuleBook,
  call: Call,
  pass: Pass,
  framing: EventFraming = followEvents(),
  /** Some of the block under way has passed, so the rest must follow. */
  isBegun = false,
): EventStage {
  /** For each rule, what it did to each of the streams that share the connection. */
  const acting = new Map<ActiveRule, Map<number, Acting>>();
  /** Of the block under way. */
  let waiting: Buffer[] = [];
  let waiting_bytes = 0;

  const act = (of: number, event: Buffer, [first, ...others]: readonly ActiveRule[], hold_ms?: () => number): void => {
    const streams = first && acting.get(first);
    if (first?.rule.onEvent === undefined || streams === undefined) {
      pass(event, hold_ms);
      return;
    }
    const state = streams.get(of) ?? { nth: 0, held: undefined };
    streams.set(of, state);
    state.nth += 1;
    const acted = first.rule.onEvent(event, state.nth, state.held);
    state.held = acted.held;
    if (acted.hit) rules.hit(first);
    const own_ms = acted.hold_ms;
    const held_ms =
      own_ms === undefined
        ? hold_ms
        : () => (hold_ms?.() ?? 0) + (rules.of(call, 'onEvent').includes(first) ? own_ms : 0);
    for (const out of acted.out) act(of, out, others, held_ms);
    if (acted.out.length === 0 && acted.held === undefined) pass(framing.blank(event));
  };
  /** What one rule held goes on to those that are behind it. */
  const letGo = (active: ActiveRule): void => {
    const chain = [...acting.keys()];
    const others = chain.slice(chain.indexOf(active) + 1);
    for (const [of, state] of acting.get(active) ?? []) {
      if (state.held !== undefined) act(of, state.held, others);
      state.held = undefined;
    }
  };
  const release = (): void => {
    for (const bytes of waiting) pass(bytes);
    isBegun ||= waiting.length > 0;
    waiting = [];
    waiting_bytes = 0;
  };
  const rulesChanged = (): void => {
    const now = rules.of(call, 'onEvent');
    for (const active of [...acting.keys()].filter((each) => !now.includes(each))) {
      letGo(active);
      acting.delete(active);
    }
    for (const active of now) if (!acting.has(active)) acting.set(active, new Map());
    if (acting.size === 0) release();
  };
  const takeBlock = (bytes: Buffer, { isEvent, of = 0 }: Block): void => {
    if (isBegun) {
      pass(bytes);
      isBegun = false;
      return;
    }
    const block = waiting.length === 0 ? bytes : Buffer.concat([...waiting, bytes]);
    waiting = [];
    waiting_bytes = 0;
    if (isEvent) act(of, block, [...acting.keys()]);
    else pass(block);
  };
  const keep = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    if (isBegun) {
      pass(bytes);
      return;
    }
    waiting.push(bytes);
    waiting_bytes += bytes.length;
    if (waiting_bytes > EVENT_BYTES_MAX) release();
  };

  rulesChanged();
  return {
    feed(chunk) {
      const blocks = framing.blocks(chunk);
      const last = blocks.at(-1)?.end;
      if (acting.size === 0) {
        isBegun = last === undefined ? isBegun || chunk.length > 0 : last < chunk.length;
        pass(chunk);
        return;
      }
      let from = 0;
      for (const block of blocks) {
        takeBlock(chunk.subarray(from, block.end), block);
        from = block.end;
      }
      keep(chunk.subarray(from));
    },
    rulesChanged,
    end() {
      for (const active of [...acting.keys()]) letGo(active);
      release();
    },
  };
}
