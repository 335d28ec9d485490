/**
 * What a rule can do to the traffic, at which place, and which rules are in force. Effects are counted where they happen
 * and never guessed, so that a heal can say "no traffic met it" and be believed.
 */
import type { FaultName } from '../../model/scenario.ts';
import type { EventAct } from './event-acts.ts';
import { type CallFacts, type CallMatch, openMatcher } from './match.ts';
import type { Pace } from './pace.ts';
import type { Head } from './piece.ts';
import { countReturns, type Returns } from './returns.ts';

/** Plain data and pure functions, each for one place; a place that is left out is left alone. */
export interface ProxyRule {
  readonly name: FaultName;
  /** Only calls that begin after the rule was added, and only these. Without it everything is hit, also what is open. */
  readonly match?: CallMatch;
  /**
   * `reset`: open and new ones. `orphan`: the agent's end is gone, and the client is not told until the heal, which resets it.
   * `refuse`: nobody listens any more; what is open lives on.
   */
  readonly connections?: 'reset' | 'orphan' | 'refuse';
  /** The agent is not asked, and this is answered. */
  readonly instead?: Instead;
  /** Requests and answers are held back. */
  readonly pace?: Pace;
  /** The agent does what is asked; its answer is thrown away, and then the connection reset. */
  readonly losesAnswer?: true;
  readonly onHead?: (head: Head) => Head;
  /** On the whole body of an answer in JSON. */
  readonly onBody?: (body: Buffer) => Buffer;
  /** On each event of a text/event-stream. */
  readonly onEvent?: EventAct;
  /** What ends an answer, once so much has passed since it began or, where it was open already, since the rule was added. */
  readonly breaks?: { readonly after: number; readonly of: 'events' | 'bytes'; readonly by: 'reset' | 'close' };
  /** The nth draw from 0 up to 1, for what is random about the rule. */
  readonly draw?: (count: number) => number;
}

export interface Instead {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
  /** The headers ask to come back no sooner than this: messages that do are counted. */
  readonly again_ms?: number;
}

export interface RuleEffect {
  /** Connections, answers or events, whatever the rule is about. */
  readonly hits: number;
  readonly bytes: number;
  /** Once a message was told when to come back: how many were, and how often one came again before. */
  readonly turned_away?: { readonly messages: number; readonly early: number };
}

export interface ActiveRule {
  readonly rule: ProxyRule;
  readonly effect: RuleEffect;
}

/** A request and its answer, or a connection that cannot be looked into, as rules see it. */
export interface Call {
  readonly chosenBy: ReadonlySet<ActiveRule>;
}

export type Place = Exclude<keyof ProxyRule, 'name' | 'match' | 'draw'>;

export interface RuleBook {
  add(rule: ProxyRule): ActiveRule;
  remove(active: ActiveRule): void;
  /** Whether no rule is in force. */
  isEmpty(): boolean;
  /** Whether a rule in force hits the call, wherever it acts. */
  concerns(call: Call): boolean;
  /** Whether a rule in force asks what a call asks for, so that the request must be read. */
  reads(): boolean;
  /** Which rules hit a call by their match is decided here, once. */
  call(facts?: CallFacts): Call;
  /** The rules in force that hit the call and act at this place, the oldest first. */
  of(call: Call, place: Place): readonly ActiveRule[];
  /** Counts a hit; with a call, one for each call. */
  hit(active: ActiveRule, call?: Call): void;
  addBytes(active: ActiveRule, bytes: number): void;
  /** Counts a hit of a rule that answers in the agent's stead. */
  turnAway(active: ActiveRule, facts: CallFacts | undefined): void;
  /** Of all rules, also healed ones, by name. */
  totals(): Readonly<Record<string, RuleEffect>>;
}

interface Entry extends ActiveRule {
  readonly effect: { hits: number; bytes: number; turned_away?: { readonly messages: number; readonly early: number } };
  readonly returns: Returns;
  readonly matches: ((facts: CallFacts) => boolean) | undefined;
  readonly seen: WeakSet<Call>;
}

const NONE: readonly ActiveRule[] = [];
const BY_NONE: ReadonlySet<ActiveRule> = new Set();

export function openRuleBook(): RuleBook {
  const entries = new Map<ActiveRule, Entry>();
  const known = new Map<string, Entry['effect'][]>();
  return {
    add(rule) {
      const effect: Entry['effect'] = { hits: 0, bytes: 0 };
      known.set(rule.name, [...(known.get(rule.name) ?? []), effect]);
      const matches = rule.match && openMatcher(rule.match);
      const entry = { rule, effect, matches, seen: new WeakSet<Call>(), returns: countReturns() };
      entries.set(entry, entry);
      return entry;
    },
    remove: (active) => void entries.delete(active),
    isEmpty: () => entries.size === 0,
    concerns(call) {
      for (const entry of entries.values()) if (entry.matches === undefined || call.chosenBy.has(entry)) return true;
      return false;
    },
    reads: () =>
      [...entries.values()].some(({ rule }) => rule.match?.operation ?? rule.match?.task ?? rule.instead?.again_ms),
    call(facts) {
      if (entries.size === 0 || facts === undefined) return { chosenBy: BY_NONE };
      // Every matcher counts the calls that it matches, so each must be asked.
      return { chosenBy: new Set([...entries.values()].filter(({ matches }) => matches?.(facts))) };
    },
    of(call, place) {
      if (entries.size === 0) return NONE;
      return [...entries.values()].filter(
        (entry) => entry.rule[place] !== undefined && (entry.matches === undefined || call.chosenBy.has(entry)),
      );
    },
    hit(active, call) {
      const entry = entries.get(active);
      if (entry === undefined || (call !== undefined && entry.seen.has(call))) return;
      if (call !== undefined) entry.seen.add(call);
      entry.effect.hits += 1;
    },
    turnAway(active, facts) {
      this.hit(active);
      const entry = entries.get(active);
      const again_ms = active.rule.instead?.again_ms;
      if (entry === undefined || again_ms === undefined || facts?.message === undefined) return;
      entry.effect.turned_away = entry.returns.turnAway(facts.message, again_ms);
    },
    addBytes(active, bytes) {
      const entry = entries.get(active);
      if (entry !== undefined) entry.effect.bytes += bytes;
    },
    totals: () =>
      Object.fromEntries(
        [...known].map(([name, effects]) => [
          name,
          {
            hits: effects.reduce((sum, { hits }) => sum + hits, 0),
            bytes: effects.reduce((sum, { bytes }) => sum + bytes, 0),
          },
        ]),
      ),
  };
}
