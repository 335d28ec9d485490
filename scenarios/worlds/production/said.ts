/** What an answer of the agent says: the text of its artifacts, in order. */
import type { Task } from '../../../harness/model/a2a.ts';

export const saidIn = (task: Task | undefined): string =>
  (task?.artifacts ?? [])
    .flatMap(({ parts }) => parts ?? [])
    .map(({ text }) => text ?? '')
    .join('');

/** The number that it ends with. */
export const sumIn = (task: Task | undefined): string => /: (\d+)$/.exec(saidIn(task))?.[1] ?? 'no balance';
