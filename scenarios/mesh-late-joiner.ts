/** A third server comes when the other two have long been at work. */
import { defineScenario } from '../harness/script/define-scenario.ts';
import { awaitShared, openSession, pause, share } from '../harness/script/vocabulary.ts';
import { coordinateRounds, JOINED_MS } from './coordinate-rounds.ts';

export const meshLateJoiner = defineScenario({
  name: 'mesh-late-joiner',
  title: 'A server that comes late takes its share of the work, and the others tell it what they do',
  family: 'mesh',
  needs: ['coordinates', 'observes'],
  servers: 2,
  users: 8,
  load: { shape: 'closed' },
  mustExercise: ['work-done-once/told', 'sessions-stand'],
  *script(context) {
    const { index, servers } = context;
    yield* coordinateRounds(context, 2, servers);
    if (index === 0) {
      const { agents } = yield* openSession('late', 1);
      yield* share('joiner', agents[0]);
    }
    const joiner = yield* awaitShared('joiner');
    yield* pause(JOINED_MS);
    yield* coordinateRounds(context, 4, servers, [joiner]);
    yield* coordinateRounds(context, 2, [joiner], servers);
  },
});
