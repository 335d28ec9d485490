/** The agent's peer cannot be reached for a while. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const peerDown = defineScenario({
  name: 'peer-down',
  title: 'When its peer is down an agent says so, leaves no task open, and recovers with it',
  family: 'peer failure',
  needs: ['delegates'],
  capabilities: ['streaming'],
  users: 8,
  load: { shape: 'constant', rate_per_s: 20 },
  faults: [{ fault: 'down', target: 'peer', begins: { after_stream_events: 12 }, for_ms: 1200 }],
  mustExercise: ['recovers', 'retries-bounded', 'no-stuck-task'],
  script: (context) => streamRounds(context, 'delegates', { rounds: 20, retry_ms: 200 }),
});
