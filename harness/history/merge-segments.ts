/**
 * Parts of one history, by one clock, in the order of all: by time, and for the same microsecond by part. Their ops are numbered anew,
 * since each part has counted its own. Memory: the ops that are open.
 */
import type { HistoryEvent } from '../model/history.ts';
import { readSideBySide } from './side-by-side.ts';

export function* mergeSegments(
  paths: readonly string[],
  nextOpId: () => number,
): Generator<HistoryEvent, void, undefined> {
  const numbers = paths.map(() => new Map<number, number>());
  for (const { part, event } of readSideBySide(paths.map((path) => ({ path, offset_ms: 0, part: true })))) {
    if (event !== undefined) yield numbered(event, numbers[part] ?? new Map(), nextOpId);
  }
}

function numbered(event: HistoryEvent, numbers: Map<number, number>, nextOpId: () => number): HistoryEvent {
  if (!('op_id' in event)) return event;
  const op_id = numbers.get(event.op_id) ?? nextOpId();
  if (event.type === 'invoke') numbers.set(event.op_id, op_id);
  else if (event.type !== 'event') numbers.delete(event.op_id);
  return { ...event, op_id };
}
