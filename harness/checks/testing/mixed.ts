/**
 * Histories made of written ones: several go on at once, each with users, tasks and words of its own, so that who belongs to one has
 * nothing to do with the others. What is found in such a mixture must be what is found in each part.
 */
import type { WrittenHistory } from '../../../fixtures/histories/read-history.ts';
import type { HistoryEvent } from '../../model/history.ts';

const PERSONAL: ReadonlySet<HistoryEvent['type']> = new Set(['user', 'invoke', 'event', 'ok', 'fail', 'info']);
const IDS = /"(?:id|taskId|contextId|messageId|artifactId|name|configId)":"([^"]+)"/g;
const CANARY = /mq[a-z2-7]{10}/g;
const OP_IDS = 1_000;

/** They judge what all users had together, so that one more user may change what they find of the others. */
export const JUDGES_OF_THE_CROWD: ReadonlySet<string> = new Set([
  'blocking-waits',
  'errors-mean-it',
  'fair',
  'harness-valid',
  'history-kept',
  'no-leak',
  'recovers',
  'slow-reader',
]);

/** Whether all of it is the doing of its users. */
export const isPersonal = ({ events }: WrittenHistory): boolean => events.every(({ type }) => PERSONAL.has(type));

/** The same story of other people, for each `place` other ones. */
export function renamed(events: readonly HistoryEvent[], place: number): readonly HistoryEvent[] {
  const mark = String.fromCharCode('a'.charCodeAt(0) + place);
  let text = JSON.stringify(events);
  const ids = new Set([...text.matchAll(IDS)].map(([, id = '']) => id));
  for (const id of ids) text = text.replaceAll(`"${id}"`, JSON.stringify(`${id}-${mark}`));
  text = text.replaceAll(CANARY, (canary) => `mq${mark}${canary.slice(3)}`);
  for (const user of new Set(events.flatMap((event) => ('user' in event ? [event.user] : [])))) {
    text = text.replaceAll(`"${user}"`, JSON.stringify(`${user}-${mark}`));
  }
  const other: readonly HistoryEvent[] = JSON.parse(text);
  return other.map((event) => ('op_id' in event ? { ...event, op_id: event.op_id + OP_IDS * (place + 1) } : event));
}

/** All of them at once, each begun so much later than it was; within each, time passes as it did. */
export function mixed(
  parts: readonly (readonly HistoryEvent[])[],
  later_ms: readonly number[],
): readonly HistoryEvent[] {
  const all = parts.flatMap((events, part) =>
    events.map((event, at) => ({ event: later(event, later_ms[part] ?? 0), part, at })),
  );
  all.sort((a, b) => a.event.time_ms - b.event.time_ms || a.part - b.part || a.at - b.at);
  return all.map(({ event }, index) => ({ ...event, seq: index + 1 }));
}

const later = (event: HistoryEvent, by_ms: number): HistoryEvent => ({
  ...event,
  time_ms: event.time_ms + by_ms,
  ...('due_ms' in event && { due_ms: event.due_ms + by_ms }),
});
