/**
 * How long tasks take to be over, from the send of the message that began each to the first answer or event that shows a terminal
 * state, also when that is another op's, as where a user polls. Memory: the latest 10,000 tasks that are not known to be over, and the
 * latest 10,000 that ended on a stream.
 */
import { TERMINAL_STATES } from './a2a.ts';
import type { TerminalMeasure } from './measurement.ts';
import type { OperationName } from './op.ts';
import { recordOf } from './record-of.ts';

const TASKS_MAX = 10_000;

/** The op that shows something, as far as a clock needs to know it. */
export interface ShowingOp {
  readonly op: string;
  readonly agent: string;
  /** Of a message that goes on with a task; nothing is begun by it. */
  readonly taskId?: string;
  readonly sent_ms: number;
}

export interface TaskClocks {
  /** `told`: the value of an answer, or the payload of an event. */
  show(by: ShowingOp, told: unknown, at_ms: number): TerminalMeasure | undefined;
}

interface Running {
  readonly began_by: OperationName;
  readonly sent_ms: number;
}

export function startTaskClocks(): TaskClocks {
  const running = new Map<string, Running>();
  /** What began on a stream, whose later events may say again that it is over. */
  const over = new Map<string, true>();

  const begin = (key: string, { op, taskId, sent_ms }: ShowingOp): Running | undefined =>
    isSend(op) && taskId === undefined && !over.has(key) ? { began_by: op, sent_ms } : undefined;

  return {
    show(by, told, at_ms) {
      const { id, state } = taskIn(told);
      if (typeof id !== 'string' || id === '' || typeof state !== 'string') return undefined;
      const key = `${by.agent} ${id}`;
      const one = running.get(key) ?? begin(key, by);
      if (one === undefined) return undefined;
      if (!TERMINAL_STATES.has(state)) {
        keep(running, key, one);
        return undefined;
      }
      running.delete(key);
      if (one.began_by === 'SendStreamingMessage') keep(over, key, true);
      return { began_by: one.began_by, state, took_ms: at_ms - one.sent_ms };
    },
  };
}

function keep<T>(tasks: Map<string, T>, key: string, value: T): void {
  tasks.set(key, value);
  if (tasks.size <= TASKS_MAX) return;
  const [oldest] = tasks.keys();
  if (oldest !== undefined) tasks.delete(oldest);
}

const isSend = (op: string): op is 'SendMessage' | 'SendStreamingMessage' =>
  op === 'SendMessage' || op === 'SendStreamingMessage';

/** What an agent sent may be anything. */
function taskIn(told: unknown): { readonly id: unknown; readonly state: unknown } {
  const { task, statusUpdate } = recordOf(told);
  const update = recordOf(statusUpdate);
  const whole = recordOf(task);
  return task === undefined
    ? { id: update['taskId'], state: recordOf(update['status'])['state'] }
    : { id: whole['id'], state: recordOf(whole['status'])['state'] };
}
