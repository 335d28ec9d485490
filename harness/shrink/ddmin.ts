/**
 * Delta debugging: takes away from a list that fails, by halves, then by quarters, as long as what is left still fails. It only asks;
 * whoever drives it tries. For an answer that never changes the result is 1-minimal: without any one of its items it does not fail.
 */

/** Yields what is to be tried, is told whether that fails, and returns the smallest that did. */
export type Reduction<T> = Generator<readonly T[], readonly T[], boolean>;

/** `items` are known to fail. Nothing at all is never tried. Asks at most n² + 3n times (Zeller and Hildebrandt, 2002). */
export function* ddmin<T>(items: readonly T[]): Reduction<T> {
  let left = items;
  let parts = 2;
  while (left.length >= 2) {
    const pieces = inParts(left, parts);
    const part = yield* firstThatFails(pieces);
    // Of two halves, each is what is left without the other.
    const rest = part ?? (parts === 2 ? undefined : yield* firstThatFails(withoutEach(pieces)));
    if (part !== undefined) [left, parts] = [part, 2];
    else if (rest !== undefined) [left, parts] = [rest, Math.max(2, parts - 1)];
    else if (parts < left.length) parts = Math.min(left.length, 2 * parts);
    else return left;
  }
  return left;
}

function* firstThatFails<T>(
  candidates: readonly (readonly T[])[],
): Generator<readonly T[], readonly T[] | undefined, boolean> {
  for (const candidate of candidates) if (yield candidate) return candidate;
  return undefined;
}

function inParts<T>(items: readonly T[], parts: number): readonly (readonly T[])[] {
  const end = (part: number): number => Math.round((part * items.length) / parts);
  return Array.from({ length: parts }, (_, part) => items.slice(end(part), end(part + 1)));
}

function withoutEach<T>(pieces: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return pieces.map((piece) => pieces.filter((other) => other !== piece).flat());
}
