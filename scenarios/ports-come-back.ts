/** Sessions come and go in a range that is smaller than their number: each block is used again and again. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, closeSession, openSession, pause, sendMessage } from '../harness/script/vocabulary.ts';

const ROUNDS = 4;

export const portsComeBack = defineScenario({
  name: 'ports-come-back',
  title: 'The ports of a session that ended are leased again, and its successor is not taken for it',
  family: 'port exhaustion',
  needs: ['short'],
  blocks: 2,
  users: 2,
  load: { shape: 'closed' },
  mustExercise: ['ports-hold', 'user-isolation'],
  *script({ user, users, say, random }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const session = yield* openSession(`${user}-${round}`, 1);
      for (const agent of session.agents) yield* sendMessage(agent, say.short());
      yield* pause(random.between(0, 20));
      yield* closeSession(`${user}-${round}`);
    }
    yield* barrier('all returned', users.length);
    const last = yield* openSession(`${user}-last`, 2);
    for (const agent of last.agents) yield* sendMessage(agent, say.short());
    yield* closeSession(`${user}-last`);
  },
});
