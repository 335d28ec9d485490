/**
 * Parts of one history, each in order, in the order of all: by time, and for the same microsecond by part. Their ops are numbered anew,
 * since each part has counted its own. Memory: the ops that are open.
 */
import type { HistoryEvent } from '../model/history.ts';
import { readHistory } from './read.ts';

export function* mergeSegments(
  paths: readonly string[],
  nextOpId: () => number,
): Generator<HistoryEvent, void, undefined> {
  const parts = paths.map((path) => {
    const events = readHistory(path, { part: true })[Symbol.iterator]();
    return { events, head: events.next(), numbers: new Map<number, number>() };
  });
  for (;;) {
    let earliest: (typeof parts)[number] | undefined;
    let earliest_ms = Number.POSITIVE_INFINITY;
    for (const part of parts) {
      if (part.head.done === true || part.head.value.time_ms >= earliest_ms) continue;
      earliest = part;
      earliest_ms = part.head.value.time_ms;
    }
    if (earliest === undefined || earliest.head.done === true) return;
    yield numbered(earliest.head.value, earliest.numbers, nextOpId);
    earliest.head = earliest.events.next();
  }
}

function numbered(event: HistoryEvent, numbers: Map<number, number>, nextOpId: () => number): HistoryEvent {
  if (!('op_id' in event)) return event;
  const op_id = numbers.get(event.op_id) ?? nextOpId();
  if (event.type === 'invoke') numbers.set(event.op_id, op_id);
  else if (event.type !== 'event') numbers.delete(event.op_id);
  return { ...event, op_id };
}
