/**
 * Where nothing is checked nothing is written down: an op becomes numbers as soon as it is over. What is measured is the same as what
 * is read from a history. Memory: the ops under way, and within one visit the tasks that it has begun and not seen the end of.
 */
import { type TaskState, TERMINAL_STATES } from '../../model/a2a.ts';
import type { Unstamped } from '../../model/history.ts';
import type { Measurement, TerminalMeasure } from '../../model/measurement.ts';
import { isProtocolOp, type OperationName, type OpValue, type ProtocolOp } from '../../model/op.ts';

/** Takes what one device tells. */
export type Measuring = (event: Unstamped) => void;

interface OpenOp {
  readonly op_id: number;
  readonly op: ProtocolOp;
  readonly due_ms: number;
  readonly sent_ms: number;
  events_ms: number[] | undefined;
  terminal: TerminalMeasure | undefined;
}

interface Begun {
  readonly began_by: OperationName;
  readonly sent_ms: number;
}

/** For the device of the user at this position. */
export function startMeasuring(
  user: number,
  clock: () => number,
  measure: (measurement: Measurement) => void,
): Measuring {
  const open: OpenOp[] = [];
  let begun: Map<string, Begun> | undefined;

  const show = ({ op, sent_ms }: OpenOp, taskId: string | undefined, state: TaskState | undefined, at_ms: number) => {
    if (taskId === undefined || state === undefined) return undefined;
    const isSend = op.op === 'SendMessage' || op.op === 'SendStreamingMessage';
    const known = begun?.get(taskId) ?? (isSend && op.taskId === undefined ? { began_by: op.op, sent_ms } : undefined);
    if (known === undefined) return undefined;
    if (TERMINAL_STATES.has(state)) {
      begun?.delete(taskId);
      return { began_by: known.began_by, state, took_ms: at_ms - known.sent_ms };
    }
    begun ??= new Map();
    begun.set(taskId, known);
    return undefined;
  };

  const end = (
    place: number,
    rest: Pick<Measurement, 'outcome' | 'error' | 'left'>,
    value: OpValue | undefined,
  ): void => {
    const [one] = open.splice(place, 1);
    if (one === undefined) return;
    const ended_ms = clock();
    const { op, due_ms, sent_ms, events_ms } = one;
    const terminal = one.terminal ?? show(one, value?.task?.id, value?.task?.status.state, ended_ms);
    measure({
      op: op.op,
      user,
      due_ms,
      sent_ms,
      ended_ms,
      ...rest,
      ...(events_ms && { events_ms }),
      ...(terminal && { terminal }),
    });
  };

  return (event) => {
    if (event.type === 'invoke') {
      const { op, op_id, due_ms } = event;
      if (isProtocolOp(op))
        open.push({ op_id, op, due_ms, sent_ms: clock(), events_ms: undefined, terminal: undefined });
      return;
    }
    if (event.type !== 'event' && event.type !== 'ok' && event.type !== 'fail' && event.type !== 'info') return;
    const place = open.findIndex(({ op_id }) => op_id === event.op_id);
    const one = open[place];
    if (one === undefined) return;
    if (event.type === 'event') {
      const { task, statusUpdate } = event.payload;
      const at_ms = clock();
      one.events_ms ??= [];
      one.events_ms.push(at_ms);
      one.terminal ??= show(one, task?.id ?? statusUpdate?.taskId, (task ?? statusUpdate)?.status.state, at_ms);
    } else if (event.type === 'ok') {
      end(place, { outcome: 'ok', ...(event.value.ended === 'by-reader' && { left: true }) }, event.value);
    } else end(place, { outcome: event.type, error: event.error.code }, undefined);
  };
}
