/** A range of ports is filled to its last block; one more session is refused, and the others do not notice. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, closeSession, openSession, sendMessage } from '../harness/script/vocabulary.ts';

const BLOCKS = 3;

export const rangeFull = defineScenario({
  name: 'range-full',
  title: 'When the ports are used up the next session is refused clearly, and the others work on',
  family: 'port exhaustion',
  needs: ['short'],
  blocks: BLOCKS,
  users: BLOCKS + 1,
  load: { shape: 'closed' },
  mustExercise: ['ports-hold'],
  *script({ user, index, users, say }) {
    const late = index === users.length - 1;
    const session = late ? undefined : yield* openSession(user, 2);
    yield* barrier('full', users.length);
    if (late) yield* openSession(user, 2);
    yield* barrier('refused', users.length);
    for (const agent of session?.agents ?? []) yield* sendMessage(agent, say.short());
    if (session) yield* closeSession(user);
  },
});
