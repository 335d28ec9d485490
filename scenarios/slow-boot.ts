/** The agent dies, and its successor takes its time to boot, with users at the door. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const slowBoot = defineScenario({
  name: 'slow-boot',
  title: 'An agent that takes long to boot serves everybody who waited at its door',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  process: 'own',
  users: 10,
  load: { shape: 'constant', rate_per_s: 40 },
  faults: [{ fault: 'slow-boot', target: 'agent', begins: { after_stream_events: 15 }, for_ms: 600 }],
  mustExercise: ['recovers', 'no-stuck-task'],
  script: (context) => streamRounds(context, 'slow', { rounds: 9, retry_ms: 300 }),
});
