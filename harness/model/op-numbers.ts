/**
 * Ops of several parts of one run get numbers that are theirs alone: each part has counted its own from the beginning. Memory: the ops
 * under way.
 */
import type { HistoryEvent } from './history.ts';

/** `next` gives a number that no op has yet. */
export function startOpNumbers(
  parts: number,
  next: () => number,
): <E extends HistoryEvent>(event: E, part: number) => E {
  const numbers = Array.from({ length: parts }, () => new Map<number, number>());
  return (event, part) => {
    const ofPart = numbers[part];
    if (!('op_id' in event) || ofPart === undefined) return event;
    const op_id = ofPart.get(event.op_id) ?? next();
    if (event.type === 'invoke' || event.type === 'event') ofPart.set(event.op_id, op_id);
    else ofPart.delete(event.op_id);
    return { ...event, op_id };
  };
}
