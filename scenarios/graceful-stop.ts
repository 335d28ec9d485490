/** The agent is told to stop while it streams, as by whoever deploys its next version, and is started again. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const gracefulStop = defineScenario({
  name: 'graceful-stop',
  title: 'An agent that is told to stop ends the streams it is at in order, or finds their tasks again',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  // Many an agent does not handle SIGTERM, and nothing can be said of it.
  onlyNamed: true,
  process: 'own',
  users: 12,
  load: { shape: 'constant', rate_per_s: 40 },
  faults: [{ fault: 'stop', target: 'agent', begins: { after_stream_events: 20 }, for_ms: 100, deadline_ms: 5_000 }],
  mustExercise: ['stops-in-order', 'recovers'],
  // Work that lasts: where muster is slow to notice what has come, some of it is still going on when the signal goes out.
  script: (context) => streamRounds(context, 'slow', { rounds: 5, retry_ms: 300, words: { chunks: 8, gap_ms: 60 } }),
});
