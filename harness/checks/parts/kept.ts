/**
 * An event that is only shown in the end, kept as text: that takes a third of the memory, and nothing has to look through it for what
 * is still needed. For what is kept as long as the run lasts.
 */
import type { HistoryEvent } from '../../model/history.ts';

export type Kept = string & { readonly kept: unique symbol };

export const keep = (event: HistoryEvent): Kept => JSON.stringify(event) as Kept;
export const recall = (kept: Kept): HistoryEvent => JSON.parse(kept);
