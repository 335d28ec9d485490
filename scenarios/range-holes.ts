/** Other programs listen here and there in the range: the blocks between them are used, and nobody comes near theirs. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, closeSession, openSession, sendMessage } from '../harness/script/vocabulary.ts';

const HOLES = 4;

export const rangeHoles = defineScenario({
  name: 'range-holes',
  title: 'Blocks in which other programs listen are passed over, those between them are used, and nobody is disturbed',
  family: 'port exhaustion',
  needs: ['short'],
  blocks: HOLES - 1,
  range: 2 * HOLES,
  neighbours: [{ neighbour: 'squatter', blocks: HOLES }],
  users: HOLES - 1,
  load: { shape: 'closed' },
  mustExercise: ['ports-hold/passed-over', 'strangers', 'sessions-stand'],
  *script({ user, users, say }) {
    const session = yield* openSession(user, 2);
    yield* barrier('all stand', users.length);
    for (const agent of session.agents) yield* sendMessage(agent, say.short());
    yield* closeSession(user);
  },
});
