/**
 * Counts and latencies of one protocol operation. What was certainly refused (`fail`) is counted and gives no latency,
 * since quick refusals would flatter the agent; what was given up (`info`) does, since leaving it out would hide just
 * the users who waited longest.
 */
import type { Measurement } from '../model/measurement.ts';
import type { OperationMetrics } from '../model/record.ts';
import { addLatency, type Latencies, mergeLatencies, startLatencies, toLatency } from './latency.ts';

export interface Tally {
  ok: number;
  fail: number;
  info: number;
  /** Outcomes that were not `ok`, by error code; as many entries as there are codes. */
  readonly errors: Map<string, number>;
  readonly from_due: Latencies;
  readonly from_sent: Latencies;
  /** From due time to the first event of a stream. */
  readonly first_event: Latencies;
  /** Between one event of a stream and the next. */
  readonly gap: Latencies;
  /** From the send of the message that began a task to what showed it over; of tasks that this operation began. */
  readonly terminal: Latencies;
  /** Those tasks, by the state in which they ended. */
  readonly ended: Map<string, number>;
  events: number;
  /** Gaps longer than a load allows; nothing counts them elsewhere. */
  stalls: number;
  /** Under load: outcomes that could have been a good answer, and those that were one within the objective. */
  asked: number;
  good: number;
  bytes_in: number;
  bytes_out: number;
}

/** The errors of §3.3.2: an agent that gives one has answered. */
const A2A_ERRORS: ReadonlySet<string> = new Set([
  'TaskNotFoundError',
  'TaskNotCancelableError',
  'PushNotificationNotSupportedError',
  'UnsupportedOperationError',
  'ContentTypeNotSupportedError',
  'InvalidAgentResponseError',
  'ExtendedAgentCardNotConfiguredError',
  'ExtensionSupportRequiredError',
  'VersionNotSupportedError',
]);

export function startTally(): Tally {
  return {
    ok: 0,
    fail: 0,
    info: 0,
    errors: new Map(),
    from_due: startLatencies(),
    from_sent: startLatencies(),
    first_event: startLatencies(),
    gap: startLatencies(),
    terminal: startLatencies(),
    ended: new Map(),
    events: 0,
    stalls: 0,
    asked: 0,
    good: 0,
    bytes_in: 0,
    bytes_out: 0,
  };
}

export function addOutcome(tally: Tally, measurement: Measurement): void {
  const { outcome, error, due_ms, sent_ms, ended_ms } = measurement;
  tally[outcome] += 1;
  if (error !== undefined) addTo(tally.errors, error);
  tally.bytes_in += measurement.bytes_in ?? 0;
  tally.bytes_out += measurement.bytes_out ?? 0;
  if (!hasLatency(measurement)) return;
  addLatency(tally.from_due, ended_ms - due_ms);
  addLatency(tally.from_sent, ended_ms - sent_ms);
}

/** A stream that its reader left lasted as long as the reader chose. */
export function hasLatency({ outcome, left }: Pick<Measurement, 'outcome' | 'left'>): boolean {
  return outcome === 'ok' ? left !== true : outcome === 'info';
}

export function addTo(counts: Map<string, number>, key: string, more = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

export function mergeCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> {
  const merged = new Map(a);
  for (const [key, count] of b) addTo(merged, key, count);
  return merged;
}

/** In the order of the keys, so that reports do not depend on what came first. */
export function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function isAnswer(errorCode: string): boolean {
  return A2A_ERRORS.has(errorCode) || errorCode === 'not-in-protocol';
}

/** Outcomes that were no answer: `fail` and `info`, but for the errors of §3.3.2, and for what was not asked. */
export function unansweredOf(tally: Tally): number {
  let unanswered = 0;
  for (const [code, count] of tally.errors) if (!isAnswer(code)) unanswered += count;
  return unanswered;
}

export function mergeTallies(a: Tally, b: Tally): Tally {
  return {
    ok: a.ok + b.ok,
    fail: a.fail + b.fail,
    info: a.info + b.info,
    errors: mergeCounts(a.errors, b.errors),
    from_due: mergeLatencies(a.from_due, b.from_due),
    from_sent: mergeLatencies(a.from_sent, b.from_sent),
    first_event: mergeLatencies(a.first_event, b.first_event),
    gap: mergeLatencies(a.gap, b.gap),
    terminal: mergeLatencies(a.terminal, b.terminal),
    ended: mergeCounts(a.ended, b.ended),
    events: a.events + b.events,
    stalls: a.stalls + b.stalls,
    asked: a.asked + b.asked,
    good: a.good + b.good,
    bytes_in: a.bytes_in + b.bytes_in,
    bytes_out: a.bytes_out + b.bytes_out,
  };
}

export function toOperationMetrics(op: string, tally: Tally): OperationMetrics {
  return {
    op,
    ok: tally.ok,
    fail: tally.fail,
    info: tally.info,
    from_due: toLatency(tally.from_due),
    from_sent: toLatency(tally.from_sent),
    first_event: toLatency(tally.first_event),
    errors: sorted(tally.errors),
  };
}
