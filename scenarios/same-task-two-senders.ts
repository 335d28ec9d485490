/** Two devices of one user send to the same open task in the same moment. What was acknowledged must be in the task's history. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { awaitShared, barrier, getTask, sendMessage, share } from '../harness/script/vocabulary.ts';

const ROUNDS = 3;

export const sameTaskTwoSenders = defineScenario({
  name: 'same-task-two-senders',
  title: 'Two devices send to the same open task at once, and what was acknowledged to either is not lost',
  family: 'concurrent users',
  needs: ['asks'],
  users: 8,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: ['overlaps/two-senders', 'answers-all'],
  *script({ agent, user, device, say }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `${user}/${round}`;
      if (device === 0) {
        const opened = yield* sendMessage(agent, say.asks());
        const taskId = opened.task?.id;
        // One that is sent alone shows what the agent keeps of such messages.
        if (taskId !== undefined) yield* sendMessage(agent, say.asks(), { taskId });
        yield* share(name, taskId);
      }
      const taskId = yield* awaitShared(name);
      yield* sendMessage(agent, say.asks(), { taskId, together: { name, parties: 2 } });
      yield* barrier(`${name}/answered`, 2);
      if (device === 0) yield* getTask(agent, taskId);
    }
  },
});
