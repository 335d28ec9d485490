/**
 * When things have become as they were: at a good outcome that is the first of so many in a row among which no more are bad than there
 * were before. A single good outcome after a bad one is no return, and a single bad one later does not undo it.
 */

/** Fewer outcomes than these say nothing about a rate, nor about a p95. */
export const OUTCOMES_MIN = 20;

export interface CalmWindow {
  add(time_ms: number, isBad: boolean): void;
  /** When the first calm row began; null if there was none. */
  since_ms(): number | null;
}

/** `bad_max`: a fraction. */
export function startCalmWindow(bad_max: number): CalmWindow {
  const row: { readonly time_ms: number; readonly isBad: boolean }[] = [];
  let since_ms: number | null = null;
  return {
    add(time_ms, isBad) {
      if (since_ms !== null) return;
      row.push({ time_ms, isBad });
      if (row.length > OUTCOMES_MIN) row.shift();
      const [first] = row;
      const bad = row.filter((one) => one.isBad).length;
      if (row.length < OUTCOMES_MIN || first === undefined || first.isBad) return;
      if (bad <= bad_max * OUTCOMES_MIN) since_ms = first.time_ms;
    },
    since_ms: () => since_ms,
  };
}
