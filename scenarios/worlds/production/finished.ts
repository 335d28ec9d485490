/** A task that is over and has been read is in the cache, where the next who asks for it by its id may be somebody else. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { awaitShared, getTask, sendMessage, share } from '../../../harness/script/vocabulary.ts';

export const productionFinished = defineScenario({
  name: 'production-finished',
  title: "A task that is over is its user's alone, also when he has just read it",
  family: 'worlds',
  needs: ['production/balance'],
  identities: true,
  users: 6,
  load: { shape: 'closed' },
  mustExercise: ['access-matrix'],
  *script({ agent, user, users, index, words, random }) {
    const { task } = yield* sendMessage(agent, words('production/balance', {}));
    if (task !== undefined) yield* getTask(agent, task.id);
    yield* share(user, task?.id);
    const foreign = yield* awaitShared(users[(index + 1) % users.length] ?? user);
    yield* getTask(agent, foreign);
    yield* getTask(agent, random.uuid());
  },
});
