/**
 * One table of the tasks that a history tells of, with a column for each check that notes something of them: a task is looked up once
 * for an event and not once for each check, and all checks forget it at the same time. Memory: the latest 10,000 tasks.
 */
import { isProtocolOp } from '../../model/op.ts';
import type { AgentLives, KnownTask, Life, PerTask, Tasks } from '../../model/scene.ts';
import { REMEMBERED_MIN, startLatest } from './latest.ts';

/** What a check notes of a task, and the place of that note among all that it made. */
const NOTE_AND_PLACE = 2;

export function startTasks(lives: AgentLives): Tasks {
  const columns: { forgotten: number }[] = [];
  const table = startLatest<KnownTask>(REMEMBERED_MIN, ({ notes }) => {
    for (const [column, of] of columns.entries()) if (notes[column * NOTE_AND_PLACE] !== undefined) of.forgotten += 1;
  });
  /** All checks ask for the same task one after the other. */
  let latest: { readonly taskId: string; readonly life: Life; readonly task: KnownTask } | undefined;

  return {
    of(invoke, taskId) {
      const life = lives.lifeOf(invoke);
      if (life === undefined || !isProtocolOp(invoke.op)) return undefined;
      if (latest !== undefined && latest.taskId === taskId && latest.life === life) return latest.task;
      const key = `${invoke.op.agent}\n${life.number}\n${taskId}`;
      const task = table.getOrAdd(key, () => ({
        key,
        notes: new Array<unknown>(columns.length * NOTE_AND_PLACE).fill(undefined),
      }));
      latest = { taskId, life, task };
      return task;
    },
    perTask<V extends {}>(): PerTask<V> {
      const column = { forgotten: 0 };
      const at = (columns.push(column) - 1) * NOTE_AND_PLACE;
      let places = 0;
      return {
        get: ({ notes }) => notes[at] as V | undefined,
        set({ notes }, value) {
          if (notes[at] === undefined) {
            notes[at + 1] = places;
            places += 1;
          }
          notes[at] = value;
        },
        delete({ notes }) {
          notes[at] = undefined;
        },
        values: () =>
          [...table.values()]
            .filter(({ notes }) => notes[at] !== undefined)
            .sort((a, b) => Number(a.notes[at + 1]) - Number(b.notes[at + 1]))
            .map(({ notes }) => notes[at] as V),
        get forgotten() {
          return column.forgotten;
        },
      };
    },
  };
}
