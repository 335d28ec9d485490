/** A process that had leased the whole range was killed and could return nothing: its blocks are leased again at once. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { useSession } from './use-session.ts';

const USERS = 4;

export const crashReclaim = defineScenario({
  name: 'crash-reclaim',
  title: 'The ports of a process that was killed are leased again at once',
  family: 'port exhaustion',
  needs: ['short'],
  blocks: USERS,
  range: 2 * USERS,
  neighbours: [{ neighbour: 'casualty' }],
  users: USERS,
  load: { shape: 'closed' },
  mustExercise: ['ports-hold/reclaimed', 'sessions-stand'],
  *script({ user, say }) {
    yield* useSession({ say }, user, 1);
  },
});
