/** One of three servers is cut off from the other two, though not from its users, and then the network is whole again. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause } from '../harness/script/vocabulary.ts';
import { coordinateRounds, JOINED_MS } from './coordinate-rounds.ts';

const CUT_OFF = 'agent-3';

export const meshPartition = defineScenario({
  name: 'mesh-partition',
  title: 'Three servers that are cut in two work on either side, and are one mesh again afterwards',
  family: 'mesh',
  needs: ['coordinates', 'observes'],
  servers: 3,
  process: 'own',
  users: 9,
  load: { shape: 'closed' },
  faults: [{ fault: 'blackhole', target: `links-of-${CUT_OFF}`, begins: { at_ms: 500 }, for_ms: 2_200 }],
  mustExercise: ['work-done-once/beside-a-partition', 'work-done-once/told', 'recovers', 'stays-up'],
  *script(context) {
    const { index, servers } = context;
    const others = servers.filter((server) => server !== CUT_OFF);
    yield* coordinateRounds(context, 12, index % 3 === 0 ? [CUT_OFF] : others);
    yield* pause(JOINED_MS);
    yield* coordinateRounds(context, 3, others, [CUT_OFF]);
    yield* coordinateRounds(context, 3, [CUT_OFF], others);
  },
});
