/** Turns the numbers of a load into what a report may see: counts become rates, and histograms percentiles with their counts. */
import type { LoadPlan } from '../model/load.ts';
import type { Goodput, LoadOperation, LoadRecord, Rated, StageRecord } from '../model/load-record.ts';
import { OPERATION_NAMES } from '../model/op.ts';
import { sumOf } from './gate-readings.ts';
import { type Latencies, mergeLatencies, startLatencies, toLatency } from './latency.ts';
import type { LoadMetrics, StageTally } from './load-metrics.ts';
import { jain, sharesOf } from './load-readings.ts';
import type { Metrics } from './metrics.ts';
import { toLoadPoints } from './series.ts';
import { mergeCounts, sorted, type Tally, unansweredOf } from './tally.ts';

export function toLoadRecord(plan: LoadPlan, metrics: Metrics, load: LoadMetrics): LoadRecord {
  const { rules, ran_ms, seconds } = load;
  const tallies = [...metrics.tallies.values()];
  const all = (pick: (tally: Tally) => Latencies) =>
    toLatency(tallies.reduce((merged, tally) => mergeLatencies(merged, pick(tally)), startLatencies()));
  const sum = (pick: (tally: Tally) => number): number => sumOf(tallies, pick);
  const shares = sharesOf(load);
  const good = sum((tally) => tally.good);
  return {
    profile: plan.profile,
    engine: plan.engine,
    checks: plan.checks,
    for_ms: rules.for_ms,
    ran_ms: round(ran_ms),
    objective_ms: rules.objective_ms,
    stall_ms: rules.stall_ms,
    due: rated(load.due, ran_ms),
    sent: rated(load.sent, ran_ms),
    dropped: load.dropped,
    goodput: goodputOf(good, sum((tally) => tally.asked) + load.dropped, ran_ms),
    from_due: all((tally) => tally.from_due),
    from_sent: all((tally) => tally.from_sent),
    errors: sorted(tallies.reduce((merged, { errors }) => mergeCounts(merged, errors), new Map<string, number>())),
    unanswered: sum(unansweredOf),
    outcomes: sum(({ ok, fail, info }) => ok + fail + info),
    events: rated(
      sum((tally) => tally.events),
      ran_ms,
    ),
    first_event: all((tally) => tally.first_event),
    gap: all((tally) => tally.gap),
    stalls: sum((tally) => tally.stalls),
    terminal: all((tally) => tally.terminal),
    fairness: { index: roundOrNull(jain(shares)), users: shares.length },
    bytes_in: load.bytes_in || sum((tally) => tally.bytes_in),
    bytes_out: load.bytes_out || sum((tally) => tally.bytes_out),
    connections: load.connections,
    lag: toLatency(load.lag),
    stages: stagesOf(load),
    operations: OPERATION_NAMES.flatMap((op) => {
      const tally = metrics.tallies.get(op);
      return tally === undefined ? [] : [operationOf(op, tally, ran_ms)];
    }),
    slice_ms: seconds.slice_ms,
    series: toLoadPoints(seconds),
  };
}

function stagesOf({ rules, stages, ran_ms }: LoadMetrics): StageRecord[] {
  let at_ms = 0;
  return rules.stages.map((stage, place): StageRecord => {
    const begin_ms = at_ms;
    at_ms += stage.for_ms;
    const lasted_ms = Math.max(0, Math.min(stage.for_ms, ran_ms - begin_ms));
    return { at_ms: begin_ms, ...stage, ...stageOf(stages[place], lasted_ms) };
  });
}

function stageOf(tally: StageTally | undefined, lasted_ms: number) {
  const { due = 0, sent = 0, dropped = 0, errors = 0, asked = 0, good = 0 } = tally ?? {};
  return {
    due,
    sent,
    dropped,
    offered_per_s: rated(due, lasted_ms).per_s,
    achieved_per_s: rated(sent, lasted_ms).per_s,
    errors,
    goodput: goodputOf(good, asked + dropped, lasted_ms),
    from_due: toLatency(tally?.from_due ?? startLatencies()),
  };
}

function operationOf(op: string, tally: Tally, ran_ms: number): LoadOperation {
  return {
    op,
    goodput: goodputOf(tally.good, tally.asked, ran_ms),
    events: rated(tally.events, ran_ms),
    gap: toLatency(tally.gap),
    stalls: tally.stalls,
    terminal: toLatency(tally.terminal),
    ended: sorted(tally.ended),
    bytes_in: tally.bytes_in,
    bytes_out: tally.bytes_out,
  };
}

function goodputOf(good: number, due: number, ran_ms: number): Goodput {
  return { good, due, fraction: due === 0 ? null : round(good / due), per_s: rated(good, ran_ms).per_s };
}

function rated(count: number, ran_ms: number): Rated {
  return { count, per_s: ran_ms === 0 ? null : round((count * 1000) / ran_ms) };
}

const roundOrNull = (value: number | null): number | null => (value === null ? null : round(value));
const round = (value: number): number => Math.round(value * 10_000) / 10_000;
