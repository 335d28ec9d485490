/** Users go on with their tasks and conversations as they should, and as nobody may: under ids that are made up, or do not fit. */
import type { Task } from '../harness/model/a2a.ts';
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, cancelTask, sendMessage } from '../harness/script/vocabulary.ts';

const ROUNDS = 2;

export const idsAndContexts = defineScenario({
  name: 'ids-and-contexts',
  title: 'A message goes to the task and context that it names, and is refused when there is none such',
  family: 'concurrent users',
  needs: ['short'],
  users: 6,
  load: { shape: 'closed' },
  mustExercise: ['ids-and-contexts/unknown'],
  *script(context) {
    const { agent, users, say, random } = context;
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* barrier(`round ${round}`, users.length);
      const first = yield* sendMessage(agent, say.short());
      const contextId = first.task?.contextId ?? first.message?.contextId;
      if (contextId !== undefined) yield* sendMessage(agent, say.short(), { contextId });
      yield* sendMessage(agent, say.short(), { contextId: random.uuid() });
      yield* sendMessage(agent, say.short(), { taskId: random.uuid() });
      if (first.task !== undefined) yield* sendMessage(agent, say.short(), { taskId: first.task.id });
      yield* goOnWithOpenTask(context);
    }
  },
});

/** One that waits for its user, where the agent has such; or one at work, which may be over before it can be met. */
function* goOnWithOpenTask({ agent, say, can, random }: ScriptContext): Act<void> {
  const words = can('asks') ? say.asks() : can('slow') ? say.slow({ chunks: 20, gap_ms: 20 }) : say.short();
  const { task } = yield* sendMessage(agent, words, can('asks') ? {} : { returnImmediately: true });
  if (task === undefined) return;
  yield* sendMessage(agent, say.short(), { taskId: task.id, contextId: random.uuid(), returnImmediately: true });
  if (waits(task)) yield* sendMessage(agent, say.short(), { taskId: task.id });
  else yield* cancelTask(agent, task.id);
}

const waits = ({ status }: Task): boolean => status.state === 'TASK_STATE_INPUT_REQUIRED';
