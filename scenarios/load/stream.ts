/** One answer as a stream, read to its end; a long one where the agent can be made to give it. */
import { defineScenario } from '../../harness/script/define-scenario.ts';
import { openStream, readToEnd } from '../../harness/script/vocabulary.ts';

const WORK = { chunks: 7, gap_ms: 20 };

export const stream = defineScenario({
  name: 'stream',
  title: 'A user asks once, and reads the answer as it is made',
  family: 'load',
  needs: ['short'],
  capabilities: ['streaming'],
  onlyNamed: true,
  users: 20,
  load: { shape: 'constant', rate_per_s: 40 },
  mustExercise: ['stream-shape'],
  *script({ agent, say, can }) {
    yield* readToEnd(yield* openStream(agent, can('slow') ? say.slow(WORK) : say.short()));
  },
});
