/**
 * What happens to an agent while muster itself is hurting it is muster's doing. A window opens when a fault is asked for,
 * since it may bite before it is told as applied, and closes when it is healed. Memory: one entry per fault.
 */

import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { isProtocolOp } from '../model/op.ts';

export interface FaultWindows {
  add(event: HistoryEvent): void;
  /** Whether a fault on the op's own agent was open at any moment since the op was invoked. */
  touched(invoke: InvokeEvent): boolean;
  /** The same for a fault on any agent: an agent may well wait for a peer that is frozen. */
  touchedAny(invoke: InvokeEvent): boolean;
  isOpen(agent: string): boolean;
}

interface Window {
  readonly target: string;
  readonly bites: boolean;
  /** Null while open. */
  readonly closed_seq: number | null;
}

export function followFaults(): FaultWindows {
  const windows = new Map<number, Window>();
  const touchedSince = (seq: number, agent?: string): boolean =>
    [...windows.values()].some(
      ({ target, closed_seq }) =>
        (agent === undefined || target === agent) && (closed_seq === null || closed_seq > seq),
    );
  return {
    add(event) {
      if (event.type !== 'fault') return;
      const known = windows.get(event.fault_id);
      // One that failed to heal is still there; one that failed before it bit is over.
      const isOver = event.phase === 'healed' || (event.phase === 'failed' && known?.bites !== true);
      windows.set(event.fault_id, {
        target: event.fault.target,
        bites: known?.bites === true || event.phase === 'applied',
        closed_seq: isOver ? event.seq : null,
      });
    },
    touched: ({ op, seq }) => isProtocolOp(op) && touchedSince(seq, op.agent),
    touchedAny: ({ seq }) => touchedSince(seq),
    isOpen: (agent) => touchedSince(Number.POSITIVE_INFINITY, agent),
  };
}
