/** The work is done and its answer gets lost, so users who know no better ask again with the same message. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { listTasks, pause, sendMessage } from '../harness/script/vocabulary.ts';

const ROUNDS = 8;
const TRIES_MAX = 20;
/** Users look at all of their tasks after each message: two ops a round; 20 messages make a rate. */
const OPS_BEFORE = 2 * 25;

export const answerLost = defineScenario({
  name: 'answer-lost',
  title: 'A message that is sent again because its answer got lost is done as often as the policy says',
  family: 'recovery',
  needs: ['short'],
  capabilities: ['ListTasks'],
  users: 8,
  load: { shape: 'closed' },
  faults: [
    {
      fault: 'answer-lost',
      target: 'agent',
      begins: { after_events: OPS_BEFORE, of: 'ok' },
      for_ms: 300,
      match: { operation: 'SendMessage', probability: 0.7 },
    },
  ],
  mustExercise: ['duplicate-send', 'recovers'],
  *script({ agent, say }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const words = say.short();
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const { outcome } = yield* sendMessage(agent, words);
        if (outcome.type !== 'info') break;
        yield* pause(20);
      }
      yield* listTasks(agent, { pageSize: 100 });
      yield* pause(30);
    }
  },
});
