/** What an answer says to who reads it, whatever it lacks: an agent under test may leave out what it must not. */
import type { Part, Task } from '../../harness/model/a2a.ts';

export const textOf = (parts: readonly Part[] | undefined): string =>
  (parts ?? []).map(({ text }) => text ?? '').join('');

/** All that the artifacts of a task say, in order. */
export const saidIn = (task: Task | undefined): string =>
  (task?.artifacts ?? []).map(({ parts }) => textOf(parts)).join('');

/** What a task says of its state. */
export const toldIn = (task: Task | undefined): string => textOf(task?.status?.message?.parts);

export const stateOf = (task: Task | undefined): string => task?.status?.state ?? 'no task';
