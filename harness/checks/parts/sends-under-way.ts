/**
 * Whether a user may have changed anything of his since a moment: a message or a cancel of his was under way. One whose outcome nobody
 * knows stays under way for ever. Memory: one entry for each of the latest 10,000 users of an agent.
 */
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { isProtocolOp } from '../../model/op.ts';
import type { Scene } from '../../model/scene.ts';
import { startLatest } from './latest.ts';
import { isSend } from './reading.ts';

interface Sending {
  /** How many are under way, or nobody knows. */
  open: number;
  ended_seq: number;
}

export interface Sends {
  add(event: HistoryEvent, invoke: InvokeEvent | undefined): void;
  /** Nothing of this user was sent to this agent from then on, nor was anything still under way. */
  quietSince(invoke: InvokeEvent): boolean;
}

export function followSends({ ops }: Pick<Scene, 'ops'>): Sends {
  const sendings = startLatest<Sending>();
  const open = ops.perOp<Sending>();
  const keyOf = ({ op, user }: InvokeEvent): string => `${isProtocolOp(op) ? op.agent : ''}\n${user}`;
  const changes = ({ op }: InvokeEvent): boolean => isSend(op) || op.op === 'CancelTask';
  return {
    add(event, invoke) {
      if (event.type === 'invoke' && changes(event)) {
        const key = keyOf(event);
        const sending = sendings.getOrAdd(key, () => ({ open: 0, ended_seq: 0 }));
        sending.open += 1;
        open.set(event, sending);
      }
      if (invoke === undefined || event.type === 'event') return;
      const sending = open.get(invoke);
      if (sending === undefined) return;
      if (event.type === 'info') return;
      sending.open -= 1;
      sending.ended_seq = event.seq;
    },
    quietSince(invoke) {
      const sending = sendings.get(keyOf(invoke));
      return sending === undefined ? sendings.forgotten === 0 : sending.open === 0 && sending.ended_seq < invoke.seq;
    },
  };
}
