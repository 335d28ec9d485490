/**
 * In a load only those tasks are read back of which nobody has seen the end: reading each once more would be a load of its own. Memory:
 * the latest 10,000 of these.
 */
import { INTERRUPTED_STATES, type TaskState, TERMINAL_STATES } from '../../model/a2a.ts';
import type { SeenTask } from './world.ts';

const TASKS_MAX = 10_000;

export interface LoadReadBack {
  /** An answer or an event has told how a task stands. */
  show(task: SeenTask, state: TaskState): void;
  /** Those that were never seen to be over, the oldest first. */
  open(): readonly SeenTask[];
}

export function startLoadReadBack(tasks_max = TASKS_MAX): LoadReadBack {
  const open = new Map<string, SeenTask>();
  return {
    show(task, state) {
      const key = `${task.agent}/${task.taskId}`;
      if (TERMINAL_STATES.has(state) || INTERRUPTED_STATES.has(state)) {
        open.delete(key);
        return;
      }
      open.set(key, task);
      if (open.size <= tasks_max) return;
      const [oldest] = open.keys();
      if (oldest !== undefined) open.delete(oldest);
    },
    open: () => [...open.values()],
  };
}
