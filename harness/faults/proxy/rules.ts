/**
 * Which rules are in force on a proxy, and what each has done so far. Effects are counted where they happen and never
 * guessed, so that a heal can say "no traffic met it" and be believed.
 */
import { FaultFailed } from '../fault.ts';

export type ProxyRule =
  /** New connections and open ones are reset. */
  | { readonly kind: 'down' }
  /** Every byte of an answer leaves so much later than it came; the delays of several such rules add up. */
  | { readonly kind: 'latency'; readonly latency_ms: number }
  /**
   * A text/event-stream answer is reset when so many events have passed since it began or, where it was open already,
   * since the rule was added. 0 cuts it right after its headers.
   */
  | { readonly kind: 'cut'; readonly after_events: number };

export interface RuleEffect {
  readonly connections_reset: number;
  readonly answers_held: number;
  readonly bytes_held: number;
  readonly streams_cut: number;
}

/** Disposing heals: what was held is released at once, and nothing is lost by it. */
export interface ProxyRuleHandle extends Disposable {
  readonly rule: ProxyRule;
  effect(): RuleEffect;
}

/** A stream as the rules see it: how many events have gone to the client. */
export interface CountedStream {
  readonly events: number;
}

export interface RuleBook {
  /** `open` are the streams under way, whose events so far do not count for a cut. */
  add(rule: ProxyRule, open: Iterable<CountedStream>): ActiveRule;
  remove(active: ActiveRule): void;
  /** Whether a `down` rule is in force; then the caller resets the connection, and it is counted. */
  resetsConnection(): boolean;
  delay_ms(): number;
  /** Bytes of an answer that came while a latency rule was in force. */
  noteHeld(answer: object, bytes: number): void;
  /** Whether a cut is due now; then the caller resets the stream, and it is counted. */
  cuts(stream: CountedStream): boolean;
  /** Of all rules, also healed ones. */
  totals(): RuleEffect;
}

export interface ActiveRule {
  readonly rule: ProxyRule;
  readonly effect: { -readonly [K in keyof RuleEffect]: RuleEffect[K] };
  readonly eventsBefore: WeakMap<object, number>;
  readonly answersSeen: WeakSet<object>;
}

export function openRuleBook(): RuleBook {
  const active = new Set<ActiveRule>();
  const totals = noEffect();
  const count = (rule: ActiveRule, what: keyof RuleEffect, by = 1): void => {
    rule.effect[what] += by;
    totals[what] += by;
  };
  return {
    add(rule, open) {
      checkRule(rule);
      const entry: ActiveRule = {
        rule,
        effect: noEffect(),
        eventsBefore: new WeakMap(),
        answersSeen: new WeakSet(),
      };
      for (const stream of open) entry.eventsBefore.set(stream, stream.events);
      active.add(entry);
      return entry;
    },
    remove(entry) {
      active.delete(entry);
    },
    resetsConnection() {
      const down = [...active].find(({ rule }) => rule.kind === 'down');
      if (down !== undefined) count(down, 'connections_reset');
      return down !== undefined;
    },
    delay_ms() {
      let sum_ms = 0;
      for (const { rule } of active) if (rule.kind === 'latency') sum_ms += rule.latency_ms;
      return sum_ms;
    },
    noteHeld(answer, bytes) {
      const slow = [...active].filter(({ rule }) => rule.kind === 'latency');
      for (const entry of slow) {
        count(entry, 'bytes_held', bytes);
        if (!entry.answersSeen.has(answer)) count(entry, 'answers_held');
        entry.answersSeen.add(answer);
      }
    },
    cuts(stream) {
      for (const entry of active) {
        if (entry.rule.kind !== 'cut') continue;
        const passed = stream.events - (entry.eventsBefore.get(stream) ?? 0);
        if (passed < entry.rule.after_events) continue;
        count(entry, 'streams_cut');
        return true;
      }
      return false;
    },
    totals: () => ({ ...totals }),
  };
}

function noEffect(): ActiveRule['effect'] {
  return { connections_reset: 0, answers_held: 0, bytes_held: 0, streams_cut: 0 };
}

const LATENCY_MS_MAX = 3_600_000;

function checkRule(rule: ProxyRule): void {
  if (rule.kind === 'latency' && !(rule.latency_ms >= 0 && rule.latency_ms <= LATENCY_MS_MAX)) {
    throw new FaultFailed(
      `Failed to add the rule "latency": latency_ms is ${rule.latency_ms}, and must be from 0 to ${LATENCY_MS_MAX}.`,
    );
  }
  if (rule.kind === 'cut' && !(Number.isInteger(rule.after_events) && rule.after_events >= 0)) {
    throw new FaultFailed(
      `Failed to add the rule "cut": after_events is ${rule.after_events}, and must be a whole number from 0 up.`,
    );
  }
}
