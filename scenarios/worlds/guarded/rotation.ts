/** Users with short-lived tokens come while the issuer changes its keys, several times a second: who is honest notices nothing. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { expect, pause, sendMessage } from '../../../harness/script/vocabulary.ts';
import { decisionOf, toldOf } from './refusals.ts';

const NAMES = Array.from({ length: 12 }, (_, index) => `brief-${index + 1}`);

export const guardedRotation = defineScenario({
  name: 'guarded-rotation',
  title: 'Keys are changed under load, and no honest user is refused',
  family: 'worlds',
  needs: ['guarded/audit', 'short'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'constant', rate_per_s: 15 },
  mustExercise: ['as-expected/honest-user-is-served', 'answer-is-mine'],
  *script({ agent, say, random }) {
    for (let round = 0; round < 5; round += 1) {
      const { outcome, task } = yield* sendMessage(agent, say.short());
      const decision = decisionOf(outcome);
      if (decision === 'unknown') return;
      yield* expect({
        that: 'honest-user-is-served',
        title: 'A good token is taken, whichever key of its issuer has signed it',
        expected: 'a message with a token that was just issued is taken',
        seen: toldOf(outcome),
        holds: decision === 'taken',
        tasks: [task?.id],
      });
      yield* pause(random.between(60, 140));
    }
  },
});
