/** The agent's peer takes longer than anybody wants to wait. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const peerSlow = defineScenario({
  name: 'peer-slow',
  title: 'When its peer is slow an agent answers all the same, and recovers with it',
  family: 'peer failure',
  needs: ['delegates'],
  capabilities: ['streaming'],
  users: 8,
  load: { shape: 'constant', rate_per_s: 20 },
  faults: [{ fault: 'latency', target: 'peer', begins: { after_stream_events: 12 }, for_ms: 2000, latency_ms: 3000 }],
  mustExercise: ['recovers', 'retries-bounded', 'no-stuck-task'],
  script: (context) => streamRounds(context, 'delegates', { rounds: 20, retry_ms: 200 }),
});
