/** Everybody asks in the same instant, again and again: each with his own words, all with the same words, and a moment apart. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, pause, sendMessage } from '../harness/script/vocabulary.ts';

const USERS = 30;
const ROUNDS = 6;
const APART_MS_MAX = 6;

export const thunderingHerd = defineScenario({
  name: 'thundering-herd',
  title: 'Everybody asks in the same instant, and each gets an answer and a task of his own',
  family: 'concurrent users',
  needs: ['short'],
  users: USERS,
  load: { shape: 'closed' },
  mustExercise: ['overlaps/together', 'overlaps/all', 'answers-all', 'answer-is-mine'],
  *script({ agent, users, say, random }) {
    const parties = users.length;
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `${round}`;
      yield* sendMessage(agent, say.short(), { together: { name, parties } });
      yield* sendMessage(agent, say.short({ shared: name }), { together: { name: `${name}/same words`, parties } });
      yield* barrier(`${name}/apart`, parties);
      yield* pause(random.between(0, APART_MS_MAX));
      yield* sendMessage(agent, say.short());
    }
  },
});
