/** Two of three servers are killed, one after the other, until one is alone with all the work. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause } from '../harness/script/vocabulary.ts';
import { coordinateRounds, JOINED_MS } from './coordinate-rounds.ts';

export const meshLosesTwo = defineScenario({
  name: 'mesh-loses-two',
  title: 'When two of three servers are killed the last one does all work',
  family: 'mesh',
  needs: ['coordinates', 'observes'],
  servers: 3,
  process: 'own',
  users: 8,
  load: { shape: 'closed' },
  faults: [
    { fault: 'kill', target: 'agent-2', begins: { at_ms: JOINED_MS + 200 }, for_ms: 1_200 },
    { fault: 'kill', target: 'agent-3', begins: { at_ms: JOINED_MS + 500 }, for_ms: 900 },
  ],
  mustExercise: ['work-done-once/beside-a-loss', 'stays-up'],
  *script(context) {
    yield* pause(JOINED_MS);
    yield* coordinateRounds(context, 14, [context.agent]);
  },
});
