/** One user asks two different things from two devices in the same moment. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, pause, sendMessage } from '../harness/script/vocabulary.ts';

const ROUNDS = 8;

export const twoDevices = defineScenario({
  name: 'two-devices',
  title: 'Two devices of one user ask at the same time, and each gets the answer to its own question',
  family: 'concurrent users',
  needs: ['short'],
  users: 10,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: ['answer-is-mine', 'overlaps/same-user'],
  *script({ agent, user, say, random }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* barrier(`${user}/${round}`, 2);
      yield* pause(random.between(0, 4));
      yield* sendMessage(agent, say.short());
    }
  },
});
