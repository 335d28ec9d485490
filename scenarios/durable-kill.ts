/** The agent's process is killed while its users have tasks that are over and tasks at work, and each is read afterwards. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { openStream, pause, sendMessage } from '../harness/script/vocabulary.ts';

const ROUNDS = 12;

export const durableKill = defineScenario({
  name: 'durable-kill',
  title: 'Tasks that users have heard of are there after a kill, where the agent promises it',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  process: 'own',
  users: 10,
  load: { shape: 'closed' },
  // In the middle: a round is two ops that succeed.
  faults: [{ fault: 'kill', target: 'agent', begins: { after_events: 10 * ROUNDS, of: 'ok' }, for_ms: 50 }],
  mustExercise: ['durable'],
  *script({ agent, say }) {
    yield* openStream(agent, say.slow({ chunks: 100, gap_ms: 20 }));
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* sendMessage(agent, say.short());
      yield* pause(10);
    }
  },
});
