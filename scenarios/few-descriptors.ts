/** More clients connect to an agent than it has descriptors for, and leave again. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause, sendMessage } from '../harness/script/vocabulary.ts';

/** They last from before the crowd comes until after it has gone. */
const ROUNDS = 10;

export const fewDescriptors = defineScenario({
  name: 'few-descriptors',
  title: 'An agent that ran out of descriptors turns users away, and serves them again when the crowd has gone',
  family: 'port exhaustion',
  needs: ['short'],
  process: 'own',
  descriptors: 128,
  users: 12,
  load: { shape: 'closed' },
  faults: [{ fault: 'crowd', target: 'agent', begins: { at_ms: 0 }, for_ms: 300, connections: 256 }],
  mustExercise: ['recovers', 'stays-up'],
  *script({ agent, say }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      yield* sendMessage(agent, say.short());
      yield* pause(100);
    }
  },
});
