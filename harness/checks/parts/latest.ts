/**
 * What a check remembers of each task or user, for as long as the latest ones are remembered: a run may last for days.
 * Whoever asks must not take what was forgotten for what never was, or an agent is accused of what muster forgot.
 */

/** At least so many are remembered, and at most a quarter more. */
export const REMEMBERED_MIN = 10_000;
/** Of what is remembered: how far an entry may be from where it belongs, and how many are forgotten at a time. */
const SLACK = 0.125;

/** Reading or writing an entry makes it one of the latest. */
export interface Latest<V> {
  get(key: string): V | undefined;
  has(key: string): boolean;
  set(key: string, value: V): void;
  /** What is there; or else this, which is there from now on. */
  getOrAdd(key: string, make: () => V): V;
  delete(key: string): void;
  /** Oldest first. */
  values(): Iterable<V>;
  /** How many entries were forgotten; until there is one, what is not here never was. */
  readonly forgotten: number;
}

interface Entry<V> {
  value: V;
  /** Counts what was put at the end, up to this entry. */
  place: number;
}

/**
 * One map, the latest at its end. An entry is moved there only once so many others have been put there that it might be taken for an
 * old one, and the oldest are forgotten many at a time: checks ask several times for every event, and quick-lru, which keeps an expiry for
 * each entry, took a sixth of the time of judging.
 */
export function startLatest<V extends {}>(
  remembered_min = REMEMBERED_MIN,
  onForgotten: (value: V) => void = () => {},
): Latest<V> {
  const entries = new Map<string, Entry<V>>();
  const slack = Math.floor(remembered_min * SLACK);
  let places = 0;
  let forgotten = 0;

  const touch = (key: string): Entry<V> | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || places - entry.place <= slack) return entry;
    entries.delete(key);
    entries.set(key, entry);
    places += 1;
    entry.place = places;
    return entry;
  };
  const forgetOldest = (): void => {
    for (const [key, { value }] of entries) {
      if (entries.size <= remembered_min + slack) return;
      entries.delete(key);
      forgotten += 1;
      onForgotten(value);
    }
  };

  const add = (key: string, value: V): void => {
    places += 1;
    entries.set(key, { value, place: places });
    if (entries.size > remembered_min + 2 * slack) forgetOldest();
  };

  return {
    get: (key) => touch(key)?.value,
    has: (key) => entries.has(key),
    set(key, value) {
      const known = touch(key);
      if (known === undefined) add(key, value);
      else known.value = value;
    },
    getOrAdd(key, make) {
      const known = touch(key);
      if (known !== undefined) return known.value;
      const value = make();
      add(key, value);
      return value;
    },
    delete: (key) => void entries.delete(key),
    *values() {
      for (const { value } of entries.values()) yield value;
    },
    get forgotten() {
      return forgotten;
    },
  };
}
