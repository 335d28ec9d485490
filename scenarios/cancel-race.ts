/**
 * A cancel races a completion: one wins, and it stays won. A pilot does the same work beside the raced task, so that what is aimed at
 * is a moment of the work, however long an agent takes for it: its first event, each chunk, and most often the end.
 */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { cancelTask, getTask, openStream, pause, readEvents, readToEnd } from '../harness/script/vocabulary.ts';

const WORK = { chunks: 4, gap_ms: 15 };
const OFFSET_MS_MAX = 4;

export const cancelRace = defineScenario({
  name: 'cancel-race',
  title: 'A cancel that races a completion has one winner, for good',
  family: 'concurrent users',
  needs: ['slow'],
  capabilities: ['streaming'],
  users: 40,
  load: { shape: 'constant', rate_per_s: 40 },
  mustExercise: ['terminal-is-final', 'cancel-answers', 'fold-equals-get', 'overlaps/cancel-meets-end'],
  *script({ agent, index, say, random }) {
    const pilot = yield* openStream(agent, say.slow(WORK));
    const raced = yield* openStream(agent, say.slow(WORK));
    if (index % 4 === 0) yield* readEvents(pilot, random.between(0, WORK.chunks));
    else yield* readToEnd(pilot);
    yield* pause(random.between(0, OFFSET_MS_MAX));
    yield* cancelTask(agent, raced.task);
    yield* getTask(agent, raced.task);
    yield* readToEnd(raced);
    yield* getTask(agent, raced.task);
    yield* readToEnd(pilot);
  },
});
