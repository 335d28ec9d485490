/** More clients connect to an agent than it has descriptors for, and leave again. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause, sendMessage } from '../harness/script/vocabulary.ts';

const ROUNDS = 12;

export const fewDescriptors = defineScenario({
  name: 'few-descriptors',
  title: 'An agent that ran out of descriptors turns users away, and serves them again when the crowd has gone',
  family: 'port exhaustion',
  needs: ['short'],
  process: 'own',
  descriptors: 128,
  users: 12,
  load: { shape: 'constant', rate_per_s: 40 },
  faults: [{ fault: 'crowd', target: 'agent', begins: { at_ms: 0 }, for_ms: 600, connections: 256 }],
  mustExercise: ['recovers', 'stays-up'],
  *script({ agent, say }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* sendMessage(agent, say.short());
      yield* pause(100);
    }
  },
});
