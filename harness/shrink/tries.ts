/** How often a plan must be tried before its silence means something: a race that did not happen once is no proof that it cannot. */

/** How often a finding came back in so many tries. */
export interface Rate {
  readonly seen: number;
  readonly tries: number;
}

/** A plan that fails as often as the smallest until now is missed less often than this. */
const MISSED_MAX = 0.05;
const TRIES_MAX = 20;

/** By the rule of succession: one success in one try makes the next one likely, not certain. */
export function triesNeeded({ seen, tries }: Rate): number {
  const rate = (seen + 1) / (tries + 2);
  return Math.min(TRIES_MAX, Math.ceil(Math.log(MISSED_MAX) / Math.log(1 - rate)));
}
