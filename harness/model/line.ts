/**
 * Those who wait, in the order in which they came. Who leaves leaves nothing behind: a Set or a Map through which thousands go keeps
 * those who have left in tables that it has outgrown, and what they hold, until V8 collects its old generation.
 */
export interface Line<T> {
  readonly length: number;
  join(who: T): Place<T>;
  /** Once is enough. */
  leave(place: Place<T>): void;
  /** Those who are there at this moment. */
  all(): readonly T[];
}

export interface Place<T> {
  readonly who: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
  isLeft: boolean;
}

export function startLine<T>(): Line<T> {
  let first: Place<T> | undefined;
  let last: Place<T> | undefined;
  let length = 0;
  return {
    get length() {
      return length;
    },
    join(who) {
      const place: Place<T> = { who, before: last, after: undefined, isLeft: false };
      if (last === undefined) first = place;
      else last.after = place;
      last = place;
      length += 1;
      return place;
    },
    leave(place) {
      if (place.isLeft) return;
      const { before, after } = place;
      if (before === undefined) first = after;
      else before.after = after;
      if (after === undefined) last = before;
      else after.before = before;
      place.isLeft = true;
      place.before = undefined;
      place.after = undefined;
      length -= 1;
    },
    all() {
      const all: T[] = [];
      for (let place = first; place !== undefined; place = place.after) all.push(place.who);
      return all;
    },
  };
}
