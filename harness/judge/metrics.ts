/**
 * The numbers of one scenario as a fold whose results can be merged: counts and histograms are added, never
 * percentiles, so that parts measured apart give what the whole would have given. Its size follows the kinds of
 * operations and the range of latencies, not the number of events.
 */
import type { FailEvent, HistoryEvent, InvokeEvent, OkEvent } from '../model/history.ts';
import { OPERATION_NAMES } from '../model/op.ts';
import type { OperationMetrics, RecoveryRecord, ScenarioMetrics } from '../model/record.ts';
import { addFaultEvent, type FaultStories, mergeFaultStories, toFaultRecords } from './fault-records.ts';
import { isUsersOperation } from './pairing.ts';
import { addToSeries, mergeSeries, type Series, startSeries, toPoints } from './series.ts';
import {
  addFirstEvent,
  addOutcome,
  hasLatency,
  mergeTallies,
  startTally,
  type Tally,
  toOperationMetrics,
} from './tally.ts';

export interface Metrics {
  started_ms: number;
  ended_ms: number;
  users: number;
  dropped: number;
  readonly tallies: Map<string, Tally>;
  readonly series: Series;
  readonly faults: FaultStories;
}

export function startMetrics(): Metrics {
  return {
    started_ms: Number.POSITIVE_INFINITY,
    ended_ms: 0,
    users: 0,
    dropped: 0,
    tallies: new Map(),
    series: startSeries(),
    faults: new Map(),
  };
}

/** `invoke` is the op that an `event`, `ok`, `fail` or `info` belongs to. */
export function addToMetrics(metrics: Metrics, event: HistoryEvent, invoke?: InvokeEvent): void {
  metrics.started_ms = Math.min(metrics.started_ms, event.time_ms);
  metrics.ended_ms = Math.max(metrics.ended_ms, event.time_ms);
  switch (event.type) {
    case 'user':
      // Further devices of a user arrive as well, and are no further users.
      if (event.phase === 'arrived' && event.device === 0) metrics.users += 1;
      if (event.phase === 'dropped') {
        metrics.dropped += 1;
        addToSeries(metrics.series, event.time_ms, 'dropped');
      }
      break;
    case 'event':
      if (event.index === 0 && invoke !== undefined && isUsersOperation(invoke)) {
        addFirstEvent(tallyOf(metrics, invoke.op.op), event, invoke);
      }
      break;
    case 'ok':
    case 'fail':
    case 'info':
      if (invoke !== undefined && isUsersOperation(invoke)) addCompletion(metrics, event, invoke);
      break;
    case 'fault':
      addFaultEvent(metrics.faults, event);
      break;
  }
}

export function mergeMetrics(a: Metrics, b: Metrics): Metrics {
  const tallies = new Map(a.tallies);
  for (const [op, tally] of b.tallies) {
    const known = tallies.get(op);
    tallies.set(op, known === undefined ? tally : mergeTallies(known, tally));
  }
  return {
    started_ms: Math.min(a.started_ms, b.started_ms),
    ended_ms: Math.max(a.ended_ms, b.ended_ms),
    users: a.users + b.users,
    dropped: a.dropped + b.dropped,
    tallies,
    series: mergeSeries(a.series, b.series),
    faults: mergeFaultStories(a.faults, b.faults),
  };
}

/** `recoveries` are those of the same events; they cannot be merged, and so are no part of `Metrics`. */
export function toScenarioMetrics(metrics: Metrics, recoveries?: ReadonlyMap<number, RecoveryRecord>): ScenarioMetrics {
  const operations: OperationMetrics[] = [];
  for (const op of OPERATION_NAMES) {
    const tally = metrics.tallies.get(op);
    if (tally !== undefined) operations.push(toOperationMetrics(op, tally));
  }
  return {
    started_ms: Number.isFinite(metrics.started_ms) ? metrics.started_ms : 0,
    ended_ms: metrics.ended_ms,
    users: metrics.users,
    dropped: metrics.dropped,
    operations,
    slice_ms: metrics.series.slice_ms,
    series: toPoints(metrics.series),
    faults: toFaultRecords(metrics.faults, recoveries),
  };
}

function addCompletion(metrics: Metrics, event: OkEvent | FailEvent, invoke: InvokeEvent): void {
  addOutcome(tallyOf(metrics, invoke.op.op), event, invoke);
  const latency_ms = hasLatency(event) ? event.time_ms - invoke.due_ms : undefined;
  addToSeries(metrics.series, event.time_ms, event.type, latency_ms);
}

function tallyOf(metrics: Metrics, op: string): Tally {
  const known = metrics.tallies.get(op);
  if (known !== undefined) return known;
  const tally = startTally();
  metrics.tallies.set(op, tally);
  return tally;
}
