/** Every other user sends what no well-meaning client would, and the others go on being served. */
import { HOSTILE_NAMES, type HostileName } from '../harness/model/hostile.ts';
import type { Random } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { barrier, hostileRequest, pause, sendMessage } from '../harness/script/vocabulary.ts';

const GOOD_MESSAGES = 8;

export const hostileInput = defineScenario({
  name: 'hostile-input',
  title: 'Bad requests get the errors that stand for them, and those who send good ones notice nothing',
  family: 'concurrent users',
  needs: ['short'],
  users: 6,
  load: { shape: 'closed' },
  mustExercise: ['errors-mean-it', 'errors-mean-it/beside'],
  *script({ agent, users, index, say, random }) {
    yield* sendMessage(agent, say.short());
    yield* barrier('calm', users.length);
    if (index % 2 === 0) {
      for (const request of shuffled(shareOf(index, users.length), random)) {
        const { type } = yield* hostileRequest(agent, request, random.uuid());
        // Who gets no answer once does not wait for the next.
        if (type === 'info' && request !== 'oversized-body') return;
      }
    } else {
      for (let count = 0; count < GOOD_MESSAGES; count += 1) {
        const { outcome } = yield* sendMessage(agent, say.short());
        if (outcome.type === 'info') return;
        yield* pause(random.between(0, 20));
      }
    }
    yield* barrier('over', users.length);
    if (index % 2 === 1) yield* sendMessage(agent, say.short());
  },
});

/** Each request is sent by one of them. */
const shareOf = (index: number, users: number): readonly HostileName[] =>
  HOSTILE_NAMES.filter((_, place) => place % Math.ceil(users / 2) === index / 2);

function shuffled(names: readonly HostileName[], random: Random): readonly HostileName[] {
  return names
    .map((name) => ({ name, place: random.between(0, 2 ** 30) }))
    .sort((a, b) => a.place - b.place)
    .map(({ name }) => name);
}
