/** Three servers that work together, with more to do than one of them can. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause } from '../harness/script/vocabulary.ts';
import { coordinateRounds, JOINED_MS } from './coordinate-rounds.ts';

export const meshCoordination = defineScenario({
  name: 'mesh-coordination',
  title: 'Whichever of three servers is asked, work is done once, and all of them can tell of it',
  family: 'mesh',
  needs: ['coordinates', 'observes'],
  servers: 3,
  users: 12,
  load: { shape: 'closed' },
  mustExercise: ['work-done-once/told', 'user-isolation', 'answer-is-mine'],
  *script(context) {
    yield* pause(JOINED_MS);
    yield* coordinateRounds(context, 6, context.servers);
  },
});
