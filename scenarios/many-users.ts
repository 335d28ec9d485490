/** Many users talk at once, each about something that only he knows. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { getTask, listTasks, sendMessage } from '../harness/script/vocabulary.ts';

export const manyUsers = defineScenario({
  name: 'many-users',
  title: 'Many users at once each get their own answers, and nothing of anybody else',
  family: 'concurrent users',
  needs: ['short'],
  users: 50,
  load: { shape: 'constant', rate_per_s: 100 },
  mustExercise: ['user-isolation', 'answer-is-mine', 'overlaps/all'],
  *script({ agent, say }) {
    const first = yield* sendMessage(agent, say.short());
    const contextId = first.task?.contextId ?? first.message?.contextId;
    const second = yield* sendMessage(agent, say.short(), contextId === undefined ? {} : { contextId });
    if (second.task) yield* getTask(agent, second.task.id);
    yield* sendMessage(agent, say.short());
    yield* listTasks(agent);
  },
});
