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
  *script({ agent, say }) {
    const waited = yield* sendMessage(agent, say.slow(WORK));
    if (waited.task) yield* getTask(agent, waited.task.id);
    const asked = yield* sendMessage(agent, say.slow(WORK), { returnImmediately: true });
    if (asked.task) yield* getTask(agent, asked.task.id);
  },
});
