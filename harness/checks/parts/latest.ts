/**
 * What a check remembers of each task or user, for as long as the latest ones are remembered: a run may last for days.
 * Whoever asks must not take what was forgotten for what never was, or an agent is accused of what muster forgot.
 */

/** At least so many are remembered, and at most twice as many. */
export const REMEMBERED_MIN = 10_000;

/** Reading or writing an entry makes it one of the latest. */
export interface Latest<V> {
  get(key: string): V | undefined;
  has(key: string): boolean;
  set(key: string, value: V): void;
  delete(key: string): void;
  /** Oldest first. */
  values(): Iterable<V>;
  /** How many entries were forgotten; until there is one, what is not here never was. */
  readonly forgotten: number;
}

/**
 * Two generations: when the young one is full it becomes the old one, and what was old is forgotten. Checks ask several times for
 * every event, and quick-lru, which does the same and keeps an expiry for each entry, took a sixth of the time of judging.
 */
export function startLatest<V extends {}>(
  remembered_min = REMEMBERED_MIN,
  onForgotten: (value: V) => void = () => {},
): Latest<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  let forgotten = 0;
  const set = (key: string, value: V): void => {
    if (old.size > 0) old.delete(key);
    young.set(key, value);
    if (young.size < remembered_min) return;
    forgotten += old.size;
    for (const value of old.values()) onForgotten(value);
    old = young;
    young = new Map();
  };
  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined || old.size === 0) return value;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    has: (key) => young.has(key) || old.has(key),
    set,
    delete(key) {
      if (!young.delete(key)) old.delete(key);
    },
    *values() {
      yield* old.values();
      yield* young.values();
    },
    get forgotten() {
      return forgotten;
    },
  };
}
