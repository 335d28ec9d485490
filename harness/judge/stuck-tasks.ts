/**
 * Which tasks never ended, and since when they were known: only what was still running when it was read back for the last
 * time counts, since a story that ends in the middle proves nothing. Memory: two entries for each of the latest 10,000
 * tasks that are not known to be over.
 */
import { INTERRUPTED_STATES, TERMINAL_STATES } from '../model/a2a.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { isProtocolOp, READING_BACK } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';

const TASKS_MAX = 10_000;

export interface StuckTask {
  /** Who learned of it first, and when. */
  readonly user: string;
  readonly seen_seq: number;
}

export interface StuckTasks {
  add(event: HistoryEvent, invoke: InvokeEvent): void;
  list(): readonly StuckTask[];
}

export function startStuckTasks(): StuckTasks {
  const seen = new Map<string, StuckTask>();
  const running = new Set<string>();

  const learn = (key: string, state: unknown, event: HistoryEvent, { user, step }: InvokeEvent): void => {
    if (typeof state !== 'string') return;
    if (TERMINAL_STATES.has(state) || INTERRUPTED_STATES.has(state)) {
      running.delete(key);
      // One that waits for its user goes on when he answers.
      if (TERMINAL_STATES.has(state)) seen.delete(key);
      return;
    }
    if (!seen.has(key)) seen.set(key, { user, seen_seq: event.seq });
    if (step === READING_BACK) running.add(key);
    if (seen.size <= TASKS_MAX) return;
    const [oldest] = seen.keys();
    if (oldest !== undefined) seen.delete(oldest);
  };

  return {
    add(event, invoke) {
      const { op } = invoke;
      if (!isProtocolOp(op)) return;
      const keyOf = (id: unknown): string => `${op.agent} ${id}`;
      if (event.type === 'event' || event.type === 'ok') {
        for (const { id, state } of tasksIn(event.type === 'ok' ? event.value : event.payload)) {
          learn(keyOf(id), state, event, invoke);
        }
      } else if (invoke.step === READING_BACK && 'taskId' in op) running.delete(keyOf(op.taskId));
    },
    list: () => [...running].flatMap((key) => seen.get(key) ?? []),
  };
}

/** What an agent sent may be anything. */
function tasksIn(told: unknown): readonly { readonly id: unknown; readonly state: unknown }[] {
  const { task, tasks, statusUpdate } = recordOf(told);
  const update = recordOf(statusUpdate);
  const whole = [task, ...(Array.isArray(tasks) ? tasks : [])]
    .map(recordOf)
    .map((each) => ({ ...each, id: each['id'] }));
  return [...whole, { ...update, id: update['taskId'] }]
    .filter(({ id }) => typeof id === 'string' && id !== '')
    .map((each) => ({ id: each.id, state: recordOf(recordOf(each)['status'])['state'] }));
}
