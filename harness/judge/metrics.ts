/**
 * The numbers of one scenario as a fold whose results can be merged: counts and histograms are added, never
 * percentiles, so that parts measured apart give what the whole would have given. Its size follows the kinds of
 * operations and the range of latencies, not the number of events.
 */
import type { LoadPlan } from '../model/load.ts';
import { OPERATION_NAMES } from '../model/op.ts';
import type { OperationMetrics, RecoveryRecord, ScenarioMetrics } from '../model/record.ts';
import { type FaultStories, mergeFaultStories, toFaultRecords } from './fault-records.ts';
import { type LoadMetrics, type LoadRules, mergeLoadMetrics, startLoadMetrics } from './load-metrics.ts';
import { toLoadRecord } from './load-record.ts';
import { mergeSeries, type Series, startSeries, toPoints } from './series.ts';
import { mergeTallies, type Tally, toOperationMetrics } from './tally.ts';

export interface Metrics {
  started_ms: number;
  ended_ms: number;
  users: number;
  dropped: number;
  readonly tallies: Map<string, Tally>;
  readonly series: Series;
  readonly faults: FaultStories;
  /** Null where the scenario is no load. */
  readonly load: LoadMetrics | null;
}

/** `rules`: of a load. */
export function startMetrics(rules?: LoadRules): Metrics {
  return {
    started_ms: Number.POSITIVE_INFINITY,
    ended_ms: 0,
    users: 0,
    dropped: 0,
    tallies: new Map(),
    series: startSeries(),
    faults: new Map(),
    load: rules === undefined ? null : startLoadMetrics(rules),
  };
}

/** Throws where both are of loads that were counted by different rules. */
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
    load: a.load === null || b.load === null ? (a.load ?? b.load) : mergeLoadMetrics(a.load, b.load),
  };
}

/** `recoveries` are those of the same events; they cannot be merged, and so are no part of `Metrics`. `plan`: of a load. */
export function toScenarioMetrics(
  metrics: Metrics,
  recoveries?: ReadonlyMap<number, RecoveryRecord>,
  plan?: LoadPlan,
): ScenarioMetrics {
  const { load } = metrics;
  const operations: OperationMetrics[] = [];
  for (const op of OPERATION_NAMES) {
    const tally = metrics.tallies.get(op);
    if (tally !== undefined) operations.push(toOperationMetrics(op, tally));
  }
  return {
    started_ms: Number.isFinite(metrics.started_ms) ? metrics.started_ms : 0,
    ended_ms: metrics.ended_ms,
    users: load === null ? metrics.users : usersOf(load),
    dropped: metrics.dropped,
    operations,
    slice_ms: metrics.series.slice_ms,
    series: toPoints(metrics.series),
    faults: toFaultRecords(metrics.faults, recoveries),
    ...(load === null || plan === undefined ? {} : { load: toLoadRecord(plan, metrics, load) }),
  };
}

/** Of a load, those who came at least once: nobody counts them where there is no history. */
const usersOf = ({ sent, users_asked }: LoadMetrics): number =>
  Math.min(
    sent,
    users_asked.reduce((count, asked) => count + Math.min(asked, 1), 0),
  );
