/** A server that was killed is started again, with nothing of what it knew. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause, sendMessage } from '../harness/script/vocabulary.ts';
import { coordinateRounds, JOINED_MS } from './coordinate-rounds.ts';

const RETURNED = 'agent-2';
const KILLED_AT_MS = 300;
const TRIES_MAX = 60;

export const meshTakesBack = defineScenario({
  name: 'mesh-takes-back',
  title: 'A server that was killed and started again is one of the mesh as before',
  family: 'mesh',
  needs: ['coordinates', 'observes'],
  servers: 3,
  process: 'own',
  users: 6,
  load: { shape: 'closed' },
  faults: [{ fault: 'kill', target: RETURNED, begins: { at_ms: KILLED_AT_MS }, for_ms: 400 }],
  mustExercise: ['work-done-once/told', 'recovers', 'stays-up'],
  *script(context) {
    const { servers, say } = context;
    const others = servers.filter((server) => server !== RETURNED);
    yield* pause(2 * KILLED_AT_MS);
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const { outcome } = yield* sendMessage(RETURNED, say.short());
      if (outcome.type === 'ok') break;
      yield* pause(200);
    }
    yield* pause(JOINED_MS);
    yield* coordinateRounds(context, 4, others, [RETURNED]);
    yield* coordinateRounds(context, 4, [RETURNED], others);
  },
});
