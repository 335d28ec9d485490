/**
 * Known findings: what a team has seen, accepts for a while, and says why. They are named by fingerprints that people can
 * read, `check/kind/shape`; a shape tells what the impossible event was, and no id, user, text or time.
 */
export const BASELINE_SCHEMA = 'muster.baseline/1';

export interface BaselineEntry {
  /** A fingerprint. */
  readonly finding: string;
  /** Why it is accepted. */
  readonly reason: string;
  /** The last day on which it is, as `2026-12-31`, in UTC. */
  readonly until: string;
}

/** As it was when the plan was made, so that a run can be judged again when the file has changed. */
export interface Baseline {
  readonly path: string;
  readonly findings: readonly BaselineEntry[];
}

export const fingerprintOf = (check: string, kind: string, shape: string): string => `${check}/${kind}/${shape}`;

/** Nothing for what is no fingerprint. */
export function readFingerprint(text: string): { readonly check: string; readonly kind: string } | undefined {
  const [, check, kind] = /^([a-z\d-]+)\/([a-z\d-]+)\/\S/.exec(text) ?? [];
  return check === undefined || kind === undefined ? undefined : { check, kind };
}
