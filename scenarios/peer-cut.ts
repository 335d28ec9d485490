/** The streams of the agent's peer are cut in the middle. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const peerCut = defineScenario({
  name: 'peer-cut',
  title: 'When its peer is cut off in the middle of a stream an agent ends its own in order',
  family: 'peer failure',
  needs: ['delegates'],
  capabilities: ['streaming'],
  users: 8,
  load: { shape: 'constant', rate_per_s: 20 },
  faults: [{ fault: 'cut', target: 'peer', begins: { after_stream_events: 12 }, for_ms: 1200, after_events: 3 }],
  mustExercise: ['recovers', 'retries-bounded', 'no-stuck-task'],
  script: (context) => streamRounds(context, 'delegates', { rounds: 20, retry_ms: 200 }),
});
