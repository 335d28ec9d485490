/** Over which transport an op went, for the checks that compare transports. Memory: one entry per agent. */
import type { Transport } from '../../model/a2a.ts';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { isProtocolOp } from '../../model/op.ts';

export interface Spoken {
  add(event: HistoryEvent): void;
  /** Nothing where there is one transport only, or nobody told, as in a history that does not hold the start of its agent. */
  of(invoke: InvokeEvent): Transport | undefined;
}

export function followSpoken(): Spoken {
  const first = new Map<string, Transport>();
  return {
    add(event) {
      if (event.type !== 'agent' || event.phase !== 'ready') return;
      if ((event.transports?.length ?? 0) > 1) first.set(event.agent, event.transport);
      else first.delete(event.agent);
    },
    of: ({ op, transport }) => transport ?? (isProtocolOp(op) ? first.get(op.agent) : undefined),
  };
}
