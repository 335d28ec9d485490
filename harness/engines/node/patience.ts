/** Who was told when to come back (429, 503) does not ask before. Memory: one number for each user who was. */
import type { Outcome } from '../../model/op.ts';

export interface Patience {
  /** When the user at this position may ask again, milliseconds since the run began. */
  until(index: number): number;
  /** What an op of his brought, at this time. */
  heed(index: number, outcome: Outcome, at_ms: number): void;
}

export function startPatience(): Patience {
  const untilOf = new Map<number, number>();
  return {
    until: (index) => untilOf.get(index) ?? 0,
    heed(index, outcome, at_ms) {
      if (outcome.type === 'ok' || outcome.error.retry_after_ms === undefined) return;
      untilOf.set(index, Math.max(untilOf.get(index) ?? 0, at_ms + outcome.error.retry_after_ms));
    },
  };
}
