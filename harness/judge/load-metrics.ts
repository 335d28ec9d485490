/**
 * What is measured of a load beyond its operations: who was due and came, stage by stage and second by second, and how evenly
 * users were served. Times count from when the load began, which each of its shards does by a clock of its own.
 */
import type { LoadStage } from '../model/load.ts';
import type { Plan } from '../model/plan.ts';
import { type Latencies, mergeLatencies, startLatencies } from './latency.ts';
import { LOAD_GRID, mergeSeries, type Series, startSeries } from './series.ts';

/** What numbers of a load depend on; only those that were counted by the same rules can be merged. */
export interface LoadRules {
  readonly objective_ms: number;
  readonly stall_ms: number;
  /** An op that is sent later than this after it was due was late by muster's own fault. */
  readonly lag_ms_max: number;
  /** Nothing is measured of what was due so soon after it began. */
  readonly discard_ms?: number;
  /** Identities of the whole load. */
  readonly users: number;
  readonly for_ms: number;
  /** Empty where so many are there at once. */
  readonly stages: readonly LoadStage[];
}

export interface StageTally {
  due: number;
  sent: number;
  dropped: number;
  asked: number;
  good: number;
  errors: number;
  /** Of ops that were due in it. */
  readonly from_due: Latencies;
}

export interface LoadMetrics {
  readonly rules: LoadRules;
  /** By the clock of the run; infinite until it has begun. */
  began_ms: number;
  /** The load has gone on for so long. */
  ran_ms: number;
  /** Visits. */
  due: number;
  sent: number;
  dropped: number;
  /** Opened, and bytes as they were on them, where somebody counted; those that ops tell are in their tallies. */
  connections: number;
  bytes_in: number;
  bytes_out: number;
  /** From when an op was due until it was sent: muster's own lateness. */
  readonly lag: Latencies;
  readonly stages: readonly StageTally[];
  readonly seconds: Series;
  /** By user: outcomes that could have been a good answer, and those that were. */
  readonly users_asked: Uint32Array;
  readonly users_good: Uint32Array;
}

/** Nothing where the plan has no load. */
export function loadRulesOf({ load, policy, scenarios }: Plan): LoadRules | undefined {
  if (load === undefined) return undefined;
  const { demand, objective_ms, stall_ms, discard_ms } = load;
  const stages = demand.kind === 'open' ? demand.stages : [];
  const for_ms = demand.kind === 'closed' ? demand.for_ms : stages.reduce((sum, stage) => sum + stage.for_ms, 0);
  const users = Math.max(1, ...scenarios.map((scenario) => scenario.users));
  return {
    objective_ms,
    stall_ms,
    lag_ms_max: policy.harness_lag_ms_max,
    ...(discard_ms === undefined ? {} : { discard_ms }),
    users,
    for_ms,
    stages,
  };
}

export function startLoadMetrics(rules: LoadRules): LoadMetrics {
  return {
    rules,
    began_ms: Number.POSITIVE_INFINITY,
    ran_ms: 0,
    due: 0,
    sent: 0,
    dropped: 0,
    connections: 0,
    bytes_in: 0,
    bytes_out: 0,
    lag: startLatencies(),
    stages: rules.stages.map(startStage),
    seconds: startSeries(LOAD_GRID),
    users_asked: new Uint32Array(rules.users),
    users_good: new Uint32Array(rules.users),
  };
}

/** Throws where they were counted by different rules. */
export function mergeLoadMetrics(a: LoadMetrics, b: LoadMetrics): LoadMetrics {
  const [first, second] = [a, b].map(({ rules }) => JSON.stringify(rules));
  if (first !== second) {
    throw new Error(
      `Failed to merge the numbers of two loads: they were counted by different rules, ${first} and ${second}. ` +
        'Only shards of one plan can be merged.',
    );
  }
  return {
    rules: a.rules,
    began_ms: Math.min(a.began_ms, b.began_ms),
    ran_ms: Math.max(a.ran_ms, b.ran_ms),
    due: a.due + b.due,
    sent: a.sent + b.sent,
    dropped: a.dropped + b.dropped,
    connections: a.connections + b.connections,
    bytes_in: a.bytes_in + b.bytes_in,
    bytes_out: a.bytes_out + b.bytes_out,
    lag: mergeLatencies(a.lag, b.lag),
    stages: a.stages.map((stage, place) => mergeStages(stage, b.stages[place] ?? startStage())),
    seconds: mergeSeries(a.seconds, b.seconds),
    users_asked: a.users_asked.map((count, user) => count + (b.users_asked[user] ?? 0)),
    users_good: a.users_good.map((count, user) => count + (b.users_good[user] ?? 0)),
  };
}

/** The stage of what was due so long after the load began; what is due later belongs to the last. */
export function stageAt({ rules, stages }: LoadMetrics, after_ms: number): StageTally | undefined {
  let end_ms = 0;
  let place = 0;
  for (const { for_ms } of rules.stages) {
    end_ms += for_ms;
    if (after_ms < end_ms) return stages[place];
    place += 1;
  }
  return stages.at(-1);
}

function startStage(): StageTally {
  return { due: 0, sent: 0, dropped: 0, asked: 0, good: 0, errors: 0, from_due: startLatencies() };
}

function mergeStages(a: StageTally, b: StageTally): StageTally {
  return {
    due: a.due + b.due,
    sent: a.sent + b.sent,
    dropped: a.dropped + b.dropped,
    asked: a.asked + b.asked,
    good: a.good + b.good,
    errors: a.errors + b.errors,
    from_due: mergeLatencies(a.from_due, b.from_due),
  };
}
