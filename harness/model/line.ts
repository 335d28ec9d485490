/**
 * Those who wait, in the order in which they came. Who leaves leaves nothing behind: a Set or a Map through which thousands go keeps
 * those who have left in tables that it has outgrown, and what they hold, until V8 collects its old generation.
 */
export interface Line<T> {
  first: Place<T> | undefined;
  last: Place<T> | undefined;
  length: number;
}

export interface Place<T> {
  readonly who: T;
  /** Nothing once it has been left. */
  line: Line<T> | undefined;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
}

export const startLine = <T>(): Line<T> => ({ first: undefined, last: undefined, length: 0 });

export function join<T>(line: Line<T>, who: T): Place<T> {
  const place: Place<T> = { who, line, before: line.last, after: undefined };
  if (line.last === undefined) line.first = place;
  else line.last.after = place;
  line.last = place;
  line.length += 1;
  return place;
}

/** May be done twice. */
export function leave<T>(place: Place<T>): void {
  const { line, before, after } = place;
  if (line === undefined) return;
  if (before === undefined) line.first = after;
  else before.after = after;
  if (after === undefined) line.last = before;
  else after.before = before;
  line.length -= 1;
  place.line = undefined;
  place.before = undefined;
  place.after = undefined;
}

/** Those who are there at this moment. */
export function everybodyIn<T>(line: Line<T>): readonly T[] {
  const everybody: T[] = [];
  for (let place = line.first; place !== undefined; place = place.after) everybody.push(place.who);
  return everybody;
}
