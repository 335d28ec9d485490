/**
 * What a check remembers of each task or user, for as long as the latest ones are remembered: a run may last for days.
 * Whoever asks must not take what was forgotten for what never was, or an agent is accused of what muster forgot.
 */
import QuickLRU from 'quick-lru';

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

export function startLatest<V>(remembered_min = REMEMBERED_MIN): Latest<V> {
  let forgotten = 0;
  const entries = new QuickLRU<string, V>({
    maxSize: remembered_min,
    onEviction: () => {
      forgotten += 1;
    },
  });
  return {
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => void entries.delete(key),
    *values() {
      for (const [, value] of entries.entriesAscending()) yield value;
    },
    get forgotten() {
      return forgotten;
    },
  };
}
