/** The agent's process is killed in the middle of streams, and started again. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const killRestart = defineScenario({
  name: 'kill-restart',
  title: 'An agent that is killed in the middle of streams and started again serves its users again',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  process: 'own',
  users: 12,
  load: { shape: 'constant', rate_per_s: 40 },
  faults: [{ fault: 'kill', target: 'agent', begins: { after_stream_events: 20 }, for_ms: 300 }],
  mustExercise: ['recovers', 'stays-up'],
  script: (context) => streamRounds(context, 'slow', { rounds: 14, retry_ms: 200 }),
});
