/**
 * What is kept of an event for the day on which it is evidence: its place, and not what an agent said in it, which is most of it. The history
 * has the rest, and is asked for it by whoever tells a finding.
 */
import type { HistoryEvent, OkEvent, StreamEvent } from './history.ts';

interface LeftOut {
  /** Tells it from a whole event, so that none is kept by mistake. */
  readonly is_whole: false;
}

export type KeptAnswer = (Omit<StreamEvent, 'scenario' | 'payload'> | Omit<OkEvent, 'scenario' | 'value'>) & LeftOut;

export type KeptEvent = Exclude<HistoryEvent, StreamEvent | OkEvent> | KeptAnswer;

/** An event that was just seen, or what was kept of an earlier one. */
export type Evidence = HistoryEvent | KeptEvent;

/** Everything but answers is small, and kept as it is. */
export function keep(event: HistoryEvent): KeptEvent {
  if (event.type !== 'event' && event.type !== 'ok') return event;
  if (latest.event !== event) latest = { event, kept: withoutAnswer(event) };
  return latest.kept;
}

export const isLeftOut = (event: Evidence): event is KeptAnswer => 'is_whole' in event;

/** Many checks keep the same event, one after the other. */
let latest: { readonly event: HistoryEvent | undefined; readonly kept: KeptEvent } = {
  event: undefined,
  kept: { type: 'ok', seq: 0, time_ms: 0, op_id: 0, is_whole: false },
};

function withoutAnswer(event: StreamEvent | OkEvent): KeptAnswer {
  const { seq, time_ms, op_id } = event;
  if (event.type === 'ok') return { type: 'ok', seq, time_ms, op_id, is_whole: false };
  return { type: 'event', seq, time_ms, op_id, index: event.index, is_whole: false };
}
