/**
 * Where nothing is checked nothing is written down: an op becomes numbers as soon as it is over. What is measured is the same as what
 * is read from a history. Memory: the ops under way, and at most 20,000 tasks that have begun and were not seen to end.
 */
import { type TaskState, TERMINAL_STATES } from '../../model/a2a.ts';
import type { Unstamped } from '../../model/history.ts';
import type { Measurement, TerminalMeasure } from '../../model/measurement.ts';
import { isProtocolOp, type OperationName, type OpValue, type ProtocolOp } from '../../model/op.ts';

/** Takes what the devices of all users tell. */
export type Measuring = (event: Unstamped) => void;

interface OpenOp {
  readonly user: number;
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

const TASKS_MAX = 10_000;

/** `indexOf`: the position of a user among all. */
export function startMeasuring(
  clock: () => number,
  measure: (measurement: Measurement) => void,
  indexOf: (user: string) => number,
): Measuring {
  const open = new Map<number, OpenOp>();
  const tasks = startBegun();

  const show = ({ op, sent_ms }: OpenOp, taskId: string | undefined, state: TaskState | undefined, at_ms: number) => {
    if (taskId === undefined || state === undefined) return undefined;
    const isSend = op.op === 'SendMessage' || op.op === 'SendStreamingMessage';
    const known = tasks.get(taskId) ?? (isSend && op.taskId === undefined ? { began_by: op.op, sent_ms } : undefined);
    if (known === undefined) return undefined;
    if (!TERMINAL_STATES.has(state)) {
      tasks.keep(taskId, known);
      return undefined;
    }
    tasks.forget(taskId);
    return { began_by: known.began_by, state, took_ms: at_ms - known.sent_ms };
  };

  const end = (one: OpenOp, rest: Pick<Measurement, 'outcome' | 'error' | 'left'>, value?: OpValue): void => {
    const ended_ms = clock();
    const { user, op, due_ms, sent_ms, events_ms } = one;
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
      if (!isProtocolOp(op)) return;
      const user = indexOf(event.user);
      open.set(op_id, { user, op, due_ms, sent_ms: clock(), events_ms: undefined, terminal: undefined });
      return;
    }
    if (event.type !== 'event' && event.type !== 'ok' && event.type !== 'fail' && event.type !== 'info') return;
    const one = open.get(event.op_id);
    if (one === undefined) return;
    if (event.type === 'event') {
      const { task, statusUpdate } = event.payload;
      const at_ms = clock();
      one.events_ms ??= [];
      one.events_ms.push(at_ms);
      one.terminal ??= show(one, task?.id ?? statusUpdate?.taskId, (task ?? statusUpdate)?.status.state, at_ms);
      return;
    }
    open.delete(event.op_id);
    if (event.type !== 'ok') end(one, { outcome: event.type, error: event.error.code });
    else if (event.value.ended === 'by-reader') end(one, { outcome: 'ok', left: true }, event.value);
    else end(one, { outcome: 'ok' }, event.value);
  };
}

/** In two generations: when the young one is full, what is old is forgotten. */
function startBegun() {
  let young = new Map<string, Begun>();
  let old = new Map<string, Begun>();
  return {
    get: (task: string) => young.get(task) ?? old.get(task),
    keep(task: string, begun: Begun): void {
      young.set(task, begun);
      if (young.size < TASKS_MAX) return;
      old = young;
      young = new Map();
    },
    forget(task: string): void {
      young.delete(task);
      old.delete(task);
    },
  };
}
