/**
 * What happens to an agent while muster itself is hurting it is muster's doing. A window opens when a fault is asked for,
 * since it may bite before it is told as applied, and closes when it is healed. Memory: one entry per fault.
 */

import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { isProtocolOp } from '../../model/op.ts';
import type { FaultName, FaultPlan } from '../../model/scenario.ts';
import type { FaultWindows } from '../../model/scene.ts';

/** They leave a stream readable, and say something else in it than the agent did. */
const FALSIFYING: ReadonlySet<FaultName> = new Set<FaultName>(['drop', 'double', 'swap', 'corrupt']);

interface Window {
  readonly target: string;
  readonly bites: boolean;
  readonly fault: FaultPlan;
  /** Null while open. */
  readonly closed_seq: number | null;
}

export function followFaults(): FaultWindows & { add(event: HistoryEvent): void } {
  const windows = new Map<number, Window>();
  const openSince = (seq: number, agent?: string): readonly Window[] =>
    [...windows.values()].filter(
      ({ target, closed_seq }) =>
        (agent === undefined || target === agent) && (closed_seq === null || closed_seq > seq),
    );
  const touchedSince = (seq: number, agent?: string, among = (_window: Window): boolean => true): boolean =>
    openSince(seq, agent).some(among);
  return {
    add(event) {
      if (event.type !== 'fault') return;
      const known = windows.get(event.fault_id);
      // One that failed to heal is still there; one that failed before it bit is over.
      const isOver = event.phase === 'healed' || (event.phase === 'failed' && known?.bites !== true);
      windows.set(event.fault_id, {
        target: event.fault.target,
        fault: event.fault,
        bites: known?.bites === true || event.phase === 'applied',
        closed_seq: isOver ? event.seq : null,
      });
    },
    touched: ({ op, seq }) => windows.size > 0 && isProtocolOp(op) && touchedSince(seq, op.agent),
    touchedAny: ({ seq }) => windows.size > 0 && touchedSince(seq),
    touchedByOther: ({ seq }, fault_id) =>
      [...windows].some(([id, { closed_seq }]) => id !== fault_id && (closed_seq === null || closed_seq > seq)),
    falsified: (invoke) =>
      windows.size > 0 &&
      isProtocolOp(invoke.op) &&
      touchedSince(invoke.seq, invoke.op.agent, ({ fault }) => falsifies(fault, invoke)),
    isOpen: (agent) => touchedSince(Number.POSITIVE_INFINITY, agent),
    since: ({ seq }, agent) => openSince(seq, agent).map(({ fault }) => fault),
  };
}

/** A fault may be meant for one user or one operation: what others are told is the agent's own word. */
function falsifies(fault: FaultPlan, { user, op }: InvokeEvent): boolean {
  if (!FALSIFYING.has(fault.fault)) return false;
  const match = 'match' in fault ? fault.match : undefined;
  return (match?.user ?? user) === user && (match?.operation ?? op.op) === op.op;
}
