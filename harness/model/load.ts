/**
 * A load: who comes when, and what they do, for as long as the profile says. It is part of a plan, so both engines read the same
 * numbers, and shards of one plan are together exactly that plan. Rates are users per second; a user who comes does one script.
 */

/** The rate changes evenly from the one to the other. */
export interface LoadStage {
  readonly from_per_s: number;
  readonly to_per_s: number;
  readonly for_ms: number;
}

/** What the shapes of profiles (constant, ramp, steps, spike, soak) come down to. */
export type Demand =
  /** Users come whatever happens; what they do next waits for their last answer. `poisson` gaps are drawn by the seed. */
  | { readonly kind: 'open'; readonly stages: readonly LoadStage[]; readonly arrivals: 'even' | 'poisson' }
  /** So many at once: whoever has finished begins anew, until the time is over. */
  | { readonly kind: 'closed'; readonly at_once: number; readonly for_ms: number };

/** Scripts are named as scenarios are; each visit draws one by weight. */
export interface MixPart {
  readonly script: string;
  readonly weight: number;
}

/** Beyond these a load is refused before it starts, or stopped when it gets there. Zero never means unlimited. */
export interface LoadCaps {
  readonly rate_per_s_max: number;
  readonly users_max: number;
  readonly requests_max: number;
  readonly bytes_max: number;
  readonly duration_ms_max: number;
  /** What one message costs, and all of them may, in whatever unit the user counts. */
  readonly cost?: { readonly per_message: number; readonly max: number };
}

/** Stops a load when its gate has been missed for so long without a break. */
export interface AbortRule {
  readonly gate: string;
  readonly for_ms: number;
}

/** One of several runs that are together one load: visits of user n belong to shard n mod `of`. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

export const LOAD_ENGINES = ['node', 'k6'] as const;
export const LOAD_CHECKS = ['on', 'sample', 'off'] as const;

export interface LoadPlan {
  /** As it was named. */
  readonly profile: string;
  readonly engine: (typeof LOAD_ENGINES)[number];
  readonly demand: Demand;
  readonly mix: readonly MixPart[];
  /**
   * `on`: everything is written to the history and judged. `sample`: so of the users whose number is a multiple of `sample_every`.
   * `off`: nothing is judged; what is measured is the same.
   */
  readonly checks: (typeof LOAD_CHECKS)[number];
  readonly sample_every: number;
  /** Threads that the load is dealt among as among shards. */
  readonly workers: number;
  readonly shard?: Shard;
  /** An answer within it counts for goodput. */
  readonly objective_ms: number;
  /** Nothing is measured of what is due so soon after it began, as agent and connections warm up; checked it is all the same. */
  readonly discard_ms?: number;
  /** A stream that is longer without an event has stalled. */
  readonly stall_ms: number;
  /** More dropped arrivals make the run inconclusive; percent of those that were due. */
  readonly dropped_percent_max: number;
  /** Whether whoever is answered 429 or 503 with Retry-After waits for so long before he asks again. */
  readonly heeds_retry_after: boolean;
  readonly connections_max: number;
  /** Local addresses to connect from, in turn; the system's choice where there are none. */
  readonly source_addresses: readonly string[];
  readonly http2: boolean;
  readonly caps: LoadCaps;
  /** Names of hosts that may be loaded, loopback always. */
  readonly allowed_hosts: readonly string[];
  readonly abort: readonly AbortRule[];
}
