/**
 * Keeps at most so many of an endless row of things, spread evenly over it, without knowing how many will come. What
 * tells of trouble is kept at the cost of routine, as it is what a reader looks for.
 */

export interface Thinning<T> {
  add(thing: T, isTrouble?: boolean): void;
  /** In the order in which they came. */
  kept(): readonly T[];
  /** How many came. */
  all(): number;
}

interface Sample<T> {
  every: number;
  seen: number;
  kept: { readonly place: number; readonly thing: T }[];
}

export function startThinning<T>(limit: number): Thinning<T> {
  const routine: Sample<T> = { every: 1, seen: 0, kept: [] };
  const trouble: Sample<T> = { every: 1, seen: 0, kept: [] };

  return {
    add(thing, isTrouble = false) {
      const sample = isTrouble ? trouble : routine;
      const place = routine.seen + trouble.seen;
      if (sample.seen % sample.every === 0) sample.kept.push({ place, thing });
      sample.seen += 1;
      if (routine.kept.length + trouble.kept.length > limit) {
        keepHalf(routine.kept.length * 2 >= limit ? routine : trouble);
      }
    },
    kept: () => [...routine.kept, ...trouble.kept].sort((a, b) => a.place - b.place).map(({ thing }) => thing),
    all: () => routine.seen + trouble.seen,
  };
}

function keepHalf<T>(sample: Sample<T>): void {
  sample.every *= 2;
  sample.kept = sample.kept.filter((_, position) => position % 2 === 0);
}
