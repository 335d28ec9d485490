/**
 * Whether others kept muster from running while a scenario was played. Its clock may then be right and its event loop alive, and still an
 * agent on the same machine has been given as little time as muster. Memory: two numbers.
 */
import type { Vitals } from '../model/vitals.ts';

export interface Starvation {
  add(vitals: Vitals): void;
  /** How much of the time in which muster had work to do it waited for a core; nothing where that is not known. */
  waitedPercent(): number | null;
}

/** Of less, nothing can be said: a moment of work may wait for as long by chance. */
const WANTED_MS_MIN = 250;

export function startStarvation(): Starvation {
  let ran_ms = 0;
  let waited_ms = 0;
  return {
    add({ scheduled }) {
      if (scheduled === undefined) return;
      ran_ms += scheduled.ran_ms;
      waited_ms += scheduled.waited_ms;
    },
    waitedPercent: () => (ran_ms + waited_ms < WANTED_MS_MIN ? null : (100 * waited_ms) / (ran_ms + waited_ms)),
  };
}
