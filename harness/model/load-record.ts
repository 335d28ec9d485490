/** What was measured of a load, as a report may see it. Times in milliseconds; a percentile is null where there are too few samples. */
import type { LoadPlan } from './load.ts';
import type { Latency } from './record.ts';

/** So many in the whole load, and so many a second of the time that it went on. */
export interface Rated {
  readonly count: number;
  /** Null where it did not go on for any time. */
  readonly per_s: number | null;
}

/** Good answers are whole, within the objective, and of no task that failed. */
export interface Goodput {
  readonly good: number;
  /** Answers that were due, those of users who were dropped among them. */
  readonly due: number;
  /** Null where none was due. */
  readonly fraction: number | null;
  readonly per_s: number | null;
}

/** A part of the load in which the rate changed evenly. Ops belong to the stage in which they were due. */
export interface StageRecord {
  /** After the load began. */
  readonly at_ms: number;
  readonly for_ms: number;
  readonly from_per_s: number;
  readonly to_per_s: number;
  /** Users who were due, came, and were dropped. */
  readonly due: number;
  readonly sent: number;
  readonly dropped: number;
  readonly offered_per_s: number | null;
  readonly achieved_per_s: number | null;
  /** Outcomes that were no answer. */
  readonly errors: number;
  readonly goodput: Goodput;
  readonly from_due: Latency;
}

/** What else is measured of an operation under load than `OperationMetrics` tells. */
export interface LoadOperation {
  readonly op: string;
  readonly goodput: Goodput;
  /** Of streams: between one event and the next, and gaps longer than `stall_ms`. */
  readonly events: Rated;
  readonly gap: Latency;
  readonly stalls: number;
  /** Of tasks that it began: from the send to what showed the task over, and the states in which they ended. */
  readonly terminal: Latency;
  readonly ended: Readonly<Record<string, number>>;
  /** 0 where nobody counted. */
  readonly bytes_in: number;
  readonly bytes_out: number;
}

/** One slice of time of a load; `at_ms` counts from when it began. */
export interface LoadPoint {
  readonly at_ms: number;
  /** Users who were due, came, and were dropped. */
  readonly due: number;
  readonly sent: number;
  readonly dropped: number;
  /** Ops that ended, how they did, and those among them that were good answers within the objective. */
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  readonly good: number;
  /** Ops that muster itself sent too late. */
  readonly late: number;
  /** Of streams. */
  readonly events: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
}

export interface LoadRecord {
  readonly profile: string;
  readonly engine: LoadPlan['engine'];
  readonly checks: LoadPlan['checks'];
  /** As long as the plan says, and as long as it went on. */
  readonly for_ms: number;
  readonly ran_ms: number;
  readonly objective_ms: number;
  readonly stall_ms: number;
  /** Users who were due, came, and were dropped. */
  readonly due: Rated;
  readonly sent: Rated;
  readonly dropped: number;
  readonly goodput: Goodput;
  /** Of all operations together. */
  readonly from_due: Latency;
  readonly from_sent: Latency;
  readonly errors: Readonly<Record<string, number>>;
  /** Outcomes that were no answer, of so many outcomes. */
  readonly unanswered: number;
  readonly outcomes: number;
  /** Of streams, of all operations together. */
  readonly events: Rated;
  readonly first_event: Latency;
  readonly gap: Latency;
  readonly stalls: number;
  readonly terminal: Latency;
  /** Jain's index over the fraction of good answers that each user got, of users who asked anything; null where nobody got any. */
  readonly fairness: { readonly index: number | null; readonly users: number };
  readonly bytes_in: number;
  readonly bytes_out: number;
  /** 0 where nobody counted. */
  readonly connections: number;
  /** Muster's own lateness: from when an op was due until it was sent. */
  readonly lag: Latency;
  readonly stages: readonly StageRecord[];
  readonly operations: readonly LoadOperation[];
  readonly slice_ms: number;
  readonly series: readonly LoadPoint[];
}
