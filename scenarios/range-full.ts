/**
 * A range of ports is filled to its last block; one more session is refused, the others do not notice, and when one of them ends
 * there is room again. `--users 400` fills the default range.
 */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, closeSession, openSession, sendMessage } from '../harness/script/vocabulary.ts';
import { useSession } from './use-session.ts';

export const rangeFull = defineScenario({
  name: 'range-full',
  title:
    'When the ports are used up the next session is refused clearly, the others work on, and one that ends makes room',
  family: 'port exhaustion',
  needs: ['short'],
  blocks: 'one-too-few',
  users: 9,
  load: { shape: 'closed' },
  mustExercise: ['ports-hold/refused', 'sessions-stand'],
  *script({ user, index, users, say }) {
    const late = index === users.length - 1;
    const session = late ? undefined : yield* openSession(user, 1);
    yield* barrier('full', users.length);
    if (late) yield* openSession(user, 1);
    yield* barrier('refused', users.length);
    for (const agent of session?.agents ?? []) yield* sendMessage(agent, say.short());
    if (index === 0) yield* closeSession(user);
    yield* barrier('room again', users.length);
    if (late) yield* useSession({ say }, `${user}-again`, 1);
    yield* barrier('let in', users.length);
    if (session && index > 0) yield* closeSession(user);
  },
});
