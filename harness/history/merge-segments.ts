/** Parts of one history, by one clock, in the order of all: by time, and for the same microsecond by part. Memory: the ops under way. */
import type { HistoryEvent } from '../model/history.ts';
import { startOpNumbers } from '../model/op-numbers.ts';
import { readSideBySide } from './side-by-side.ts';

export function* mergeSegments(
  paths: readonly string[],
  nextOpId: () => number,
): Generator<HistoryEvent, void, undefined> {
  const numbered = startOpNumbers(paths.length, nextOpId);
  for (const { part, event } of readSideBySide(paths.map((path) => ({ path, offset_ms: 0, part: true })))) {
    if (event !== undefined) yield numbered(event, part);
  }
}
