/** The agent's process is frozen for a while, as a machine that swaps or a paused container freezes it. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { streamRounds } from './rounds.ts';

export const freezeThaw = defineScenario({
  name: 'freeze-thaw',
  title: 'An agent that froze for a second and a half goes on where it was, and nothing is lost or told twice',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  process: 'own',
  users: 12,
  load: { shape: 'constant', rate_per_s: 40 },
  faults: [{ fault: 'freeze', target: 'agent', begins: { after_stream_events: 20 }, for_ms: 1500 }],
  mustExercise: ['recovers', 'fold-equals-get', 'stream-shape'],
  script: (context) => streamRounds(context, 'slow', { rounds: 4, retry_ms: 200 }),
});
