/** One user asks until he is told to stop, and the others go on: a limit is of one user alone, and says when to come back. */

import type { Act } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import type { Answer } from '../../../harness/script/vocabulary.ts';
import { barrier, expect, sendMessage } from '../../../harness/script/vocabulary.ts';
import { decisionOf, toldOf } from './refusals.ts';

/** A trial may ask six times at once, and once more every two seconds. */
const NAMES = ['trial-1', 'trial-2', 'patient-1', 'patient-2'];
const HASTE = 14;

export const guardedLimit = defineScenario({
  name: 'guarded-limit',
  title: 'Who asks too often is told when to come back, and nobody else is',
  family: 'worlds',
  needs: ['guarded/audit', 'short'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/limit-holds', 'as-expected/limit-is-his-own'],
  *script({ agent, index, users, say }) {
    if (index === 0) yield* askInHaste(() => sendMessage(agent, say.short()));
    yield* barrier('used up', users.length);
    if (index === 0) return;
    for (let message = 0; message < 3; message += 1) {
      const { outcome, task } = yield* sendMessage(agent, say.short());
      const decision = decisionOf(outcome);
      if (decision === 'unknown') return;
      yield* expect({
        that: 'limit-is-his-own',
        title: 'The haste of one user costs no other user anything',
        expected: 'a user who has kept to his limit is served, though another has used up his own',
        seen: toldOf(outcome),
        holds: decision === 'taken',
        tasks: [task?.id],
      });
    }
  },
});

function* askInHaste(ask: () => Act<Answer>): Act<void> {
  const outcomes = [];
  for (let message = 0; message < HASTE; message += 1) outcomes.push((yield* ask()).outcome);
  if (outcomes.some((outcome) => decisionOf(outcome) === 'unknown')) return;
  const refused = outcomes.filter((outcome) => decisionOf(outcome) === 'too-often');
  yield* expect({
    that: 'limit-holds',
    title: 'Who asks more often than he may is refused',
    expected: `some of ${HASTE} messages at once are refused, where six may be sent`,
    seen: outcomes.map(toldOf).join(', '),
    holds: refused.length > 0,
  });
  // Over gRPC, which has a status of its own for this, clients of A2A are not told of it.
  const overHttp = refused.filter((each) => each.type === 'fail' && each.error.status === 429);
  if (overHttp.length === 0) return;
  const withTime = overHttp.filter((each) => each.type === 'fail' && each.error.retry_after_ms !== undefined);
  yield* expect({
    that: 'says-when-to-come-back',
    title: 'Who is refused for asking too often is told when to come back',
    expected: 'each refusal says when to come back',
    seen: `${withTime.length} of ${overHttp.length} do`,
    holds: withTime.length === overHttp.length,
  });
}
