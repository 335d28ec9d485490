/** Many users ask the same again and again, all at the same time. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, sendMessage } from '../harness/script/vocabulary.ts';

const ROUNDS = 10;

export const fairShares = defineScenario({
  name: 'fair-shares',
  title: 'Of many users who ask the same again and again none is served before the others each time',
  family: 'concurrent users',
  needs: ['slow'],
  users: 16,
  load: { shape: 'closed' },
  mustExercise: ['fair'],
  *script({ agent, say, users }) {
    yield* barrier('all here', users.length);
    for (let round = 0; round < ROUNDS; round += 1) yield* sendMessage(agent, say.slow({ chunks: 1, gap_ms: 10 }));
  },
});
