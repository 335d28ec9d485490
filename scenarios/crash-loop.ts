/** The agent is killed, and killed again whenever it has come up, before it is left alone. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const crashLoop = defineScenario({
  name: 'crash-loop',
  title: 'An agent that crashed again and again comes up in the end, and serves its users as before',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  process: 'own',
  users: 8,
  load: { shape: 'constant', rate_per_s: 40 },
  faults: [{ fault: 'crash-loop', target: 'agent', begins: { after_stream_events: 15 }, for_ms: 50, starts: 2 }],
  mustExercise: ['recovers', 'stays-up'],
  script: (context) => streamRounds(context, 'slow', { rounds: 14, retry_ms: 400 }),
});
