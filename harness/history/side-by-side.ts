/**
 * Reads several histories at once, in the order of their times: of each only the next event is in memory, so that histories of any
 * length can be merged.
 */
import type { HistoryEvent } from '../model/history.ts';
import { type ReadOptions, readHistory } from './read.ts';

export interface HistoryPart extends Pick<ReadOptions, 'torn' | 'part'> {
  readonly path: string;
  /** Added to its times. */
  readonly offset_ms: number;
}

/** `event` is missing when the part has told everything. Times that are the same come in the order of the parts. */
export interface PartEvent {
  readonly part: number;
  readonly event?: HistoryEvent;
}

export function* readSideBySide(parts: readonly HistoryPart[]): Generator<PartEvent, void> {
  const open = parts.map(({ path, offset_ms: _, ...how }, part) => ({
    part,
    events: readHistory(path, how)[Symbol.iterator](),
    next: undefined as HistoryEvent | undefined,
  }));
  try {
    let left = open.filter((one) => advance(one, parts));
    for (const { part } of open.filter((one) => !left.includes(one))) yield { part };
    while (left.length > 0) {
      const first = left.reduce((least, one) => (timeOf(one) < timeOf(least) ? one : least));
      if (first.next !== undefined) yield { part: first.part, event: first.next };
      if (advance(first, parts)) continue;
      left = left.filter((one) => one !== first);
      yield { part: first.part };
    }
  } finally {
    for (const { events } of open) events.return?.();
  }
}

interface OpenPart {
  readonly part: number;
  readonly events: Iterator<HistoryEvent>;
  next: HistoryEvent | undefined;
}

const timeOf = ({ next }: OpenPart): number => next?.time_ms ?? Number.POSITIVE_INFINITY;

function advance(one: OpenPart, parts: readonly HistoryPart[]): boolean {
  const { done, value } = one.events.next();
  one.next = done === true ? undefined : shifted(value, parts[one.part]?.offset_ms ?? 0);
  return one.next !== undefined;
}

function shifted(event: HistoryEvent, offset_ms: number): HistoryEvent {
  const time_ms = later(event.time_ms, offset_ms);
  return 'due_ms' in event ? { ...event, time_ms, due_ms: later(event.due_ms, offset_ms) } : { ...event, time_ms };
}

const later = (time_ms: number, offset_ms: number): number => Math.round((time_ms + offset_ms) * 1000) / 1000;
