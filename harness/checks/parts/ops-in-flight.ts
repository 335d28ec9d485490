/**
 * One table of the ops in flight, with a column for each check that notes something of them: an op is looked up once for an event and not
 * once for each check, and what was noted is forgotten when the op is over, which no check can forget to do. Memory: the ops in flight.
 */
import type { HistoryEvent } from '../../model/history.ts';
import type { OpsInFlight, PerOp } from '../../model/scene.ts';

/** Each event is to be added before any check is given it: the op that it ends is there until the next one. */
export function startOpsInFlight(): OpsInFlight & { add(event: HistoryEvent): void } {
  const table = new Map<number, unknown[]>();
  let columns = 0;
  let ended: number | undefined;
  /** All checks ask for the same op one after the other. */
  let latest: { readonly op_id: number; readonly notes: unknown[] } | undefined;

  const notesOf = (op_id: number): unknown[] | undefined => {
    if (latest?.op_id === op_id) return latest.notes;
    const notes = table.get(op_id);
    if (notes !== undefined) latest = { op_id, notes };
    return notes;
  };
  const newNotes = (op_id: number): unknown[] => {
    const notes = new Array<unknown>(columns).fill(undefined);
    table.set(op_id, notes);
    latest = { op_id, notes };
    return notes;
  };
  const forget = (op_id: number): void => {
    table.delete(op_id);
    if (latest?.op_id === op_id) latest = undefined;
  };

  return {
    add(event) {
      if (ended !== undefined) forget(ended);
      ended = undefined;
      if (event.type === 'invoke') forget(event.op_id);
      else if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') ended = event.op_id;
    },
    perOp<V extends {}>(): PerOp<V> {
      const at = columns;
      columns += 1;
      return {
        get: ({ op_id }) => notesOf(op_id)?.[at] as V | undefined,
        set({ op_id }, value) {
          (notesOf(op_id) ?? newNotes(op_id))[at] = value;
        },
        *values() {
          for (const [op_id, notes] of table) if (op_id !== ended && notes[at] !== undefined) yield notes[at] as V;
        },
      };
    },
  };
}
