/** The least that a user can want: one message and its answer. */
import { defineScenario } from '../../harness/script/define-scenario.ts';
import { sendMessage } from '../../harness/script/vocabulary.ts';

export const ask = defineScenario({
  name: 'ask',
  title: 'A user asks once, and waits for the answer',
  family: 'load',
  needs: ['short'],
  onlyNamed: true,
  users: 20,
  load: { shape: 'constant', rate_per_s: 40 },
  mustExercise: ['answer-is-mine'],
  *script({ agent, say }) {
    yield* sendMessage(agent, say.short());
  },
});
