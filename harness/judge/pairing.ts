/**
 * Finds the op that an event belongs to. It remembers the ops in flight and nothing else: one entry per op, freed when
 * the op completes, so that memory follows the in-flight limit and not the length of the run.
 */
import type { FailEvent, HistoryEvent, InvokeEvent, OkEvent } from '../model/history.ts';
import type { Measurement } from '../model/measurement.ts';
import { isProtocolOp, READING_BACK } from '../model/op.ts';

/** Gives the op of an `event`, `ok`, `fail` or `info`; nothing for other events and for ops never seen. */
export type Pairing = (event: HistoryEvent) => InvokeEvent | undefined;

export function startPairing(): Pairing {
  const open = new Map<number, InvokeEvent>();
  return (event) => {
    if (event.type === 'invoke') {
      open.set(event.op_id, event);
      return undefined;
    }
    if (event.type === 'event') return open.get(event.op_id);
    if (event.type !== 'ok' && event.type !== 'fail' && event.type !== 'info') return undefined;
    const invoke = open.get(event.op_id);
    open.delete(event.op_id);
    return invoke;
  };
}

/** Whether a user performed it on the wire: not for harness acts, and not for the final reading back. */
export function isUsersOperation(invoke: InvokeEvent): boolean {
  return invoke.step !== READING_BACK && isProtocolOp(invoke.op);
}

/** How an op ended, as it is measured. */
export function outcomeOf(event: OkEvent | FailEvent): Pick<Measurement, 'outcome' | 'error' | 'left'> {
  if (event.type !== 'ok') return { outcome: event.type, error: event.error.code };
  return event.value.ended === 'by-reader' ? { outcome: 'ok', left: true } : { outcome: 'ok' };
}
