/** What came of making a failing run smaller. */

/** The smallest plan that still brings a finding back. */
export interface ShrunkRecord {
  /** Below the run folder: its plan, and the history of one try in which it failed. */
  readonly folder: string;
  /** A command line that makes it again from nothing. */
  readonly replay: string;
  readonly users: number;
  readonly ops: number;
  readonly faults: number;
  /** What the failing run had. */
  readonly of: { readonly users: number; readonly ops: number; readonly faults: number };
  /** How often it came back, in so many tries of the smallest plan. */
  readonly reproduced: number;
  readonly tries: number;
  /** Tries of all plans. */
  readonly tries_all: number;
  readonly took_ms: number;
  /** `smallest`: without any one of its parts it did not fail. */
  readonly ended: 'smallest' | 'time' | 'interrupted';
}
