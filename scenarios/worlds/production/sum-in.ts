/** What an answer of the agent says of a balance: the number that it ends with. */
import type { Task } from '../../../harness/model/a2a.ts';
import { saidIn } from '../said.ts';

export const sumIn = (task: Task | undefined): string => /: (\d+)$/.exec(saidIn(task))?.[1] ?? 'no balance';
