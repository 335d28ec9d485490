/** One of three servers is killed in the middle of work, and the users of the other two notice nothing. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause } from '../harness/script/vocabulary.ts';
import { coordinateRounds, JOINED_MS } from './coordinate-rounds.ts';

export const meshLosesOne = defineScenario({
  name: 'mesh-loses-one',
  title: 'When one of three servers is killed the others do all work, and that which it had, too',
  family: 'mesh',
  needs: ['coordinates', 'observes'],
  servers: 3,
  process: 'own',
  users: 12,
  load: { shape: 'closed' },
  faults: [{ fault: 'kill', target: 'agent-2', begins: { at_ms: JOINED_MS + 300 }, for_ms: 1_000 }],
  mustExercise: ['work-done-once/beside-a-loss', 'work-done-once/told', 'stays-up'],
  *script(context) {
    const survivors = context.servers.filter((server) => server !== 'agent-2');
    yield* pause(JOINED_MS);
    yield* coordinateRounds(context, 16, survivors);
  },
});
