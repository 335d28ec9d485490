/** The same work is asked for by who waits for it and by who does not want to wait. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { getTask, sendMessage } from '../harness/script/vocabulary.ts';

const WORK = { chunks: 5, gap_ms: 40 };

export const waitsOrNot = defineScenario({
  name: 'waits-or-not',
  title: 'Who waits is answered when the work is done, and who does not wait is answered at once',
  family: 'concurrent users',
  needs: ['slow'],
  users: 8,
  load: { shape: 'closed' },
  mustExercise: ['blocking-waits/blocking', 'blocking-waits/immediate', 'fold-equals-get', 'overlaps/all'],
  *script({ agent, index, say }) {
    // Half of the users begin with the one, half with the other: an agent is slower at first.
    for (const returnImmediately of index % 2 === 0 ? [true, false] : [false, true]) {
      const { task } = yield* sendMessage(agent, say.slow(WORK), returnImmediately ? { returnImmediately } : {});
      if (task) yield* getTask(agent, task.id);
    }
  },
});
