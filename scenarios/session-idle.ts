/** Of two sessions one is used and one is not: the idle one is ended, and a third stands on its ports. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, closeSession, openSession, pause, sendMessage } from '../harness/script/vocabulary.ts';
import { useSession } from './use-session.ts';

const IDLE_MS = 500;
const USE_MS = 80;

export const sessionIdle = defineScenario({
  name: 'session-idle',
  title: 'A session that nobody uses is ended and its ports are leased again; one in use goes on',
  family: 'port exhaustion',
  needs: ['short'],
  blocks: 2,
  range: 3,
  idle_ms_max: IDLE_MS,
  users: 3,
  load: { shape: 'closed' },
  mustExercise: ['sessions-idle/ended', 'sessions-idle/kept', 'sessions-stand'],
  *script({ user, index, users, say }) {
    const isNext = index === users.length - 1;
    const session = isNext ? undefined : yield* openSession(user, 1);
    yield* barrier('two stand', users.length);
    if (index === 0) {
      for (let used_ms = 0; used_ms < 2 * IDLE_MS; used_ms += USE_MS) {
        for (const agent of session?.agents ?? []) yield* sendMessage(agent, say.short());
        yield* pause(USE_MS);
      }
      yield* closeSession(user);
    } else if (isNext) {
      yield* pause(1.8 * IDLE_MS);
      // One after the other on every block that is not in use, so also on that of the idle one.
      for (const turn of [1, 2]) yield* useSession({ say }, `${user}-${turn}`, 1);
    }
  },
});
