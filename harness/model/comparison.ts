/** What two loads came to beside each other. Effects are of B against A; `worse` is always bad, whichever way the number goes. */
export const COMPARISON_SCHEMA = 'muster.comparison/1';

export type Judgement = 'better' | 'same' | 'worse' | 'cannot tell';

/** When a difference is told, and when its absence is. */
export interface ComparisonPolicy {
  /** The probability of telling any difference, over all metrics together, where there is none. */
  readonly error_max: number;
  /** Smaller differences are nobody's concern: of times and rates in percent of A, of fractions in percentage points. */
  readonly floor_percent: number;
  readonly floor_points: number;
  /** Two are the same only where a difference as large as this would have been seen. */
  readonly seen_percent: number;
  readonly seen_points: number;
}

export interface MetricComparison {
  /** Named as gates are. */
  readonly metric: string;
  readonly unit: 'ms' | 'fraction' | 'per_s';
  /** Over the whole of each. */
  readonly a: number | null;
  readonly b: number | null;
  readonly samples: { readonly a: number; readonly b: number };
  /** Seconds, or pairs of blocks, that it rests on. */
  readonly parts: number;
  readonly effect_in: 'percent' | 'points';
  readonly effect: number | null;
  /** Of the effect, with 95 % confidence for this metric alone. */
  readonly low: number | null;
  readonly high: number | null;
  readonly p: number | null;
  /** By Holm, for all metrics together. */
  readonly p_adjusted: number | null;
  readonly judgement: Judgement;
  /** Of `cannot tell`. */
  readonly why?: string;
}

export interface ComparedSide {
  /** A run folder, or a target. */
  readonly name: string;
  readonly machine: string | null;
  readonly plan_hash: string | null;
}

export interface Comparison {
  readonly schema: typeof COMPARISON_SCHEMA;
  /** `runs`: one after the other, each a row of seconds. `blocks`: in turn, on one machine. */
  readonly how: 'runs' | 'blocks';
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  readonly judgement: Judgement;
  readonly exit_code: number;
  readonly metrics: readonly MetricComparison[];
  /** What the reader should know before he trusts it. */
  readonly notes: readonly string[];
  readonly policy: ComparisonPolicy;
}
