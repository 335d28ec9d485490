/**
 * Where nothing is checked nothing is written down: an op becomes numbers as soon as it is over. What is measured is the same as what
 * is read from a history. Memory: the ops under way, and at most 20,000 tasks that have begun and were not seen to end.
 */
import { type TaskState, TERMINAL_STATES } from '../../model/a2a.ts';
import type { Measurement, TerminalMeasure } from '../../model/measurement.ts';
import { isProtocolOp, type OperationName, type OpValue, type Outcome, type ProtocolOp } from '../../model/op.ts';
import type { Telling, ToldOp } from './telling.ts';

interface Sent {
  readonly op: ProtocolOp;
  readonly sent_ms: number;
}

interface Begun {
  readonly began_by: OperationName;
  readonly sent_ms: number;
}

const TASKS_MAX = 10_000;

export function startMeasuring(clock: () => number, measure: (measurement: Measurement) => void): Telling {
  const tasks = startBegun();

  const show = (
    { op, sent_ms }: Sent,
    taskId: string | undefined,
    state: TaskState | undefined,
    at_ms: number,
  ): TerminalMeasure | undefined => {
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

  const measured = (op_id: number, op: ProtocolOp, user: number, due_ms: number): ToldOp => {
    const sent = { op, sent_ms: clock() };
    let events_ms: number[] | undefined;
    let terminal: TerminalMeasure | undefined;
    return {
      op_id,
      event({ task, statusUpdate }) {
        const at_ms = clock();
        events_ms ??= [];
        events_ms.push(at_ms);
        terminal ??= show(sent, task?.id ?? statusUpdate?.taskId, (task ?? statusUpdate)?.status.state, at_ms);
      },
      end(outcome) {
        const ended_ms = clock();
        const { task }: OpValue = outcome.type === 'ok' ? outcome.value : {};
        terminal ??= show(sent, task?.id, task?.status.state, ended_ms);
        measure({
          op: op.op,
          user,
          due_ms,
          sent_ms: sent.sent_ms,
          ended_ms,
          ...endOf(outcome),
          ...(events_ms && { events_ms }),
          ...(terminal && { terminal }),
        });
      },
    };
  };

  return {
    user() {},
    begin: ({ op_id, op, due_ms }, index) =>
      isProtocolOp(op) ? measured(op_id, op, index, due_ms) : { op_id, event() {}, end() {} },
  };
}

function endOf(outcome: Outcome): Pick<Measurement, 'outcome' | 'error' | 'left'> {
  if (outcome.type !== 'ok') return { outcome: outcome.type, error: outcome.error.code };
  return outcome.value.ended === 'by-reader' ? { outcome: 'ok', left: true } : { outcome: 'ok' };
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
