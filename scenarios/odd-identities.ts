/**
 * Users whose names are easily taken for one another: each asks for the tasks of his kin. The first two are taken for nobody; they
 * and the others ask for each other's, which shows that a user does not just see everything.
 */
import { kinshipOf } from '../harness/model/kinship.ts';
import { ODD_NAMES } from '../harness/model/odd-names.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { awaitShared, getTask, listTasks, sendMessage, share } from '../harness/script/vocabulary.ts';

const PLAIN = 2;
/** Shared by one whom the agent did not let in: the others need not wait for him. */
const NO_TASK = '-';

export const oddIdentities = defineScenario({
  name: 'odd-identities',
  title: 'Users whose names differ only in case, in form or in length, or stand for nobody, share nothing',
  family: 'concurrent users',
  needs: ['short'],
  identities: true,
  names: ODD_NAMES,
  users: ODD_NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['identity-edge'],
  *script({ agent, user, users, index, say }) {
    const { task, outcome } = yield* sendMessage(agent, say.short());
    yield* share(user, task?.id ?? NO_TASK);
    // Not every transport can say every name.
    if (outcome.type === 'fail' && outcome.error.code === 'not-sendable') return;
    for (const [other, name] of users.entries()) {
      if (other === index || !(other < PLAIN || index < PLAIN || isKin(index, other))) continue;
      const foreign = yield* awaitShared(name);
      if (foreign !== NO_TASK) yield* getTask(agent, foreign);
    }
    yield* listTasks(agent);
  },
});

const isKin = (one: number, other: number): boolean =>
  kinshipOf(ODD_NAMES[one] ?? null, ODD_NAMES[other] ?? null) !== undefined;
