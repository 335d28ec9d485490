/** Sixteen other processes of muster lease and return blocks of one small range while sessions come and go in it. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause } from '../harness/script/vocabulary.ts';
import { useSession } from './use-session.ts';

const PROCESSES = 16;
const USERS = 4;
const ROUNDS = 3;

export const rangeShared = defineScenario({
  name: 'range-shared',
  title: 'Sixteen processes lease from one range at once, and no port is had by two of them',
  family: 'port exhaustion',
  needs: ['short'],
  blocks: USERS,
  range: PROCESSES + 2 * USERS,
  neighbours: [{ neighbour: 'lessee', processes: PROCESSES }],
  users: USERS,
  load: { shape: 'closed' },
  mustExercise: ['ports-hold/shared', 'sessions-stand'],
  *script({ user, say, random }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* useSession({ say }, `${user}-${round}`, 1);
      yield* pause(random.between(20, 80));
    }
  },
});
