/**
 * Stops a load that gets to one of its caps, or that one of its abort rules says to stop: whoever is about to send asks first, so
 * a cap is never passed. The reason is a sentence that is told in the history and in the verdict; no load stops in silence.
 */
import type { AbortRule, LoadPlan } from '../model/load.ts';
import type { OperationName } from '../model/op.ts';
import { payable, tell } from '../plan/load-caps.ts';

/** Follows the gate of one abort rule over what was measured, as `startWindow` (harness/judge) does. */
export interface RuleWindow<M> {
  add(measurement: M): void;
  /** A user was due, and came or was dropped. */
  visit(due_ms: number, came: boolean): void;
  /** For how long the gate has been missed without a break; 0 while it is met. */
  at(now_ms: number): number;
  /** What the gate said last. */
  last(): { readonly value: number | null } | null;
}

export interface LoadGuard<M> extends Disposable {
  /** Aborted when the load is to stop, with the reason as an Error. */
  readonly signal: AbortSignal;
  /** Why it has been stopped. */
  reason(): string | undefined;
  /** A user was due, and came or was dropped; `at_ms`: when that was, for who tells it afterwards. */
  visit(due_ms: number, came: boolean, at_ms?: number): void;
  /** Asked before each request: false when it must not be sent. */
  maySend(op: OperationName): boolean;
  /** An op is over. */
  add(measurement: M): void;
}

export interface GuardOptions<M> {
  readonly load: Pick<LoadPlan, 'caps' | 'abort' | 'demand'>;
  /** Of the run, as in the history. */
  readonly clock: () => number;
  readonly watch: (rule: AbortRule) => RuleWindow<M>;
  /** So many have come from the agent until now; nothing where nobody counts them. */
  readonly bytesIn: () => number | undefined;
}

/** Each may make an agent think, and cost money. */
const MESSAGES: ReadonlySet<OperationName> = new Set(['SendMessage', 'SendStreamingMessage']);

/** How often bytes and abort rules are looked at: an agent that answers nothing at all brings no measurement to look at. */
const EVERY_MS = 200;

export function openLoadGuard<M>({
  load: { caps, abort, demand },
  clock,
  watch,
  bytesIn,
}: GuardOptions<M>): LoadGuard<M> {
  const stopping = new AbortController();
  const rules = abort.map((rule) => ({ rule, watched: watch(rule) }));
  const counted = { requests: 0, messages: 0 };
  let second = { at: -1, visits: 0 };
  let why: string | undefined;

  const stop = (reason: string): void => {
    if (why !== undefined) return;
    why = reason;
    stopping.abort(new Error(reason));
  };
  const atCap = (what: string, flag: string, max: number): void =>
    stop(`it was stopped at its cap of ${tell(max)} ${what} (${flag}), ${seconds(clock())} s after the run began`);

  const look = (): void => {
    const now_ms = clock();
    if ((bytesIn() ?? 0) > caps.bytes_max) atCap('bytes', '--max-bytes', caps.bytes_max);
    for (const { rule, watched } of rules) {
      const missed_ms = watched.at(now_ms);
      if (missed_ms < rule.for_ms) continue;
      const value = watched.last()?.value ?? null;
      const was = value === null ? '' : ` (it was ${tell(value)} in the end)`;
      stop(
        `it was stopped by an abort rule ${seconds(now_ms)} s after the run began: the gate ${rule.gate} had been missed for ${seconds(missed_ms)} s${was}`,
      );
    }
  };
  const timer = setInterval(look, EVERY_MS).unref();

  return {
    signal: stopping.signal,
    reason: () => why,
    visit(due_ms, came, at_ms = clock()) {
      for (const { watched } of rules) watched.visit(due_ms, came);
      // Of an open load the plan says how many come, and where chance brings a few more in one second that is no accident.
      if (!came || demand.kind === 'open') return;
      const at = Math.floor(at_ms / 1000);
      second = at === second.at ? { at, visits: second.visits + 1 } : { at, visits: 1 };
      if (second.visits > caps.rate_per_s_max) atCap('visits per second', '--max-rate', caps.rate_per_s_max);
    },
    maySend(op) {
      if (why !== undefined) return false;
      const messages = counted.messages + (MESSAGES.has(op) ? 1 : 0);
      if (counted.requests + 1 > caps.requests_max) atCap('requests', '--max-requests', caps.requests_max);
      else if (caps.cost !== undefined && messages > payable(caps.cost)) {
        atCap(`of cost, at ${caps.cost.per_message} for each message`, '--max-cost', caps.cost.max);
      } else {
        counted.requests += 1;
        counted.messages = messages;
      }
      return why === undefined;
    },
    add(measurement) {
      for (const { watched } of rules) watched.add(measurement);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
