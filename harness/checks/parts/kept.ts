/**
 * An event that is only shown in the end, kept as text: that takes a third of the memory, and nothing has to look through it for what
 * is still needed. For what is kept as long as the run lasts.
 */
import type { HistoryEvent } from '../../model/history.ts';

export type Kept = string | HistoryEvent;

export function keep(event: HistoryEvent): Kept {
  try {
    return JSON.stringify(event);
  } catch {
    // An agent chooses how deep its JSON is, and some is too deep to be written out.
    return event;
  }
}

export const recall = (kept: Kept): HistoryEvent => (typeof kept === 'string' ? JSON.parse(kept) : kept);
