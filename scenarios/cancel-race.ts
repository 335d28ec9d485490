/** A cancel races a completion: one wins, and it stays won. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { cancelTask, getTask, openStream, pause, readToEnd } from '../harness/script/vocabulary.ts';

export const cancelRace = defineScenario({
  name: 'cancel-race',
  title: 'A cancel that races a completion has one winner, for good',
  family: 'concurrent users',
  needs: ['slow'],
  capabilities: ['streaming'],
  users: 40,
  load: { shape: 'constant', rate_per_s: 40 },
  mustExercise: ['terminal-is-final', 'cancel-answers', 'fold-equals-get'],
  *script({ agent, say, random }) {
    const stream = yield* openStream(agent, say.slow({ chunks: 5, gap_ms: 20 }));
    yield* pause(random.between(0, 140));
    yield* cancelTask(agent, stream.task);
    yield* getTask(agent, stream.task);
    yield* readToEnd(stream);
    yield* getTask(agent, stream.task);
  },
});
