/** A user who thinks better of it while the agent is at work. */
import { defineScenario } from '../../harness/script/define-scenario.ts';
import { cancelTask, pause, sendMessage } from '../../harness/script/vocabulary.ts';

const WORK = { chunks: 10, gap_ms: 30 };
const REGRETS_MS = { from: 10, to: 150 };

export const cancel = defineScenario({
  name: 'cancel',
  title: 'A user asks for something long, and cancels it',
  family: 'load',
  needs: ['slow'],
  onlyNamed: true,
  users: 20,
  load: { shape: 'constant', rate_per_s: 40 },
  mustExercise: ['cancel-answers'],
  *script({ agent, say, random }) {
    const { task } = yield* sendMessage(agent, say.slow(WORK), { returnImmediately: true });
    if (task === undefined) return;
    yield* pause(random.between(REGRETS_MS.from, REGRETS_MS.to));
    yield* cancelTask(agent, task.id);
  },
});
