/** The agent is started again on another port, and its clients go where its card leads them. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const restartElsewhere = defineScenario({
  name: 'restart-elsewhere',
  title: 'An agent that was started again on another port says so on its card, and serves its users there',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  process: 'own',
  users: 8,
  load: { shape: 'constant', rate_per_s: 40 },
  faults: [
    {
      fault: 'restart',
      target: 'agent',
      begins: { after_stream_events: 15 },
      for_ms: 1,
      deadline_ms: 5_000,
      port: 'other',
    },
  ],
  mustExercise: ['recovers'],
  script: (context) => streamRounds(context, 'slow', { rounds: 14, retry_ms: 300 }),
});
