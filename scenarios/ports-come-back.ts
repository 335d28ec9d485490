/**
 * Sessions come and go in a range that is smaller than their number: each block is used again and again, while the connections of
 * those who had it before still time out on its ports (TIME_WAIT).
 */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, pause } from '../harness/script/vocabulary.ts';
import { useSession } from './use-session.ts';

const ROUNDS = 8;

export const portsComeBack = defineScenario({
  name: 'ports-come-back',
  title: 'The ports of a session that ended are leased again at once, and its successor is not taken for it',
  family: 'port exhaustion',
  needs: ['short'],
  blocks: 2,
  range: 3,
  agentsHangUp: true,
  users: 2,
  load: { shape: 'closed' },
  mustExercise: ['ports-hold/lingering', 'sessions-stand', 'user-isolation'],
  *script({ user, users, say, random }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* useSession({ say }, `${user}-${round}`, 1);
      yield* pause(random.between(0, 20));
    }
    yield* barrier('all returned', users.length);
    yield* useSession({ say }, `${user}-last`, 2);
  },
});
