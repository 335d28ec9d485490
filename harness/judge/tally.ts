/**
 * Counts and latencies of one protocol operation. What was certainly refused (`fail`) is counted and gives no latency,
 * since quick refusals would flatter the agent; what was given up (`info`) does, since leaving it out would hide just
 * the users who waited longest.
 */
import type { FailEvent, InvokeEvent, OkEvent, StreamEvent } from '../model/history.ts';
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
  };
}

export function addFirstEvent(tally: Tally, event: StreamEvent, invoke: InvokeEvent): void {
  addLatency(tally.first_event, event.time_ms - invoke.due_ms);
}

export function addOutcome(tally: Tally, event: OkEvent | FailEvent, invoke: InvokeEvent): void {
  tally[event.type] += 1;
  if (event.type !== 'ok') tally.errors.set(event.error.code, (tally.errors.get(event.error.code) ?? 0) + 1);
  if (!hasLatency(event)) return;
  addLatency(tally.from_due, event.time_ms - invoke.due_ms);
  addLatency(tally.from_sent, event.time_ms - invoke.time_ms);
}

/** A stream that its reader left lasted as long as the reader chose. */
export function hasLatency(event: OkEvent | FailEvent): boolean {
  return event.type === 'ok' ? event.value.ended !== 'by-reader' : event.type === 'info';
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
  const errors = new Map(a.errors);
  for (const [code, count] of b.errors) errors.set(code, (errors.get(code) ?? 0) + count);
  return {
    ok: a.ok + b.ok,
    fail: a.fail + b.fail,
    info: a.info + b.info,
    errors,
    from_due: mergeLatencies(a.from_due, b.from_due),
    from_sent: mergeLatencies(a.from_sent, b.from_sent),
    first_event: mergeLatencies(a.first_event, b.first_event),
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
    errors: Object.fromEntries([...tally.errors].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
