/** Two devices of a user pay into one account at once, each at its own replica: a balance that one reads while the other writes is old. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { awaitShared, barrier, expect, sendMessage, share } from '../../../harness/script/vocabulary.ts';
import { sumIn } from './sum-in.ts';

const ROUNDS = 6;

export const productionDeposits = defineScenario({
  name: 'production-deposits',
  title: 'What is paid in at two replicas at once is all there',
  family: 'worlds',
  needs: ['production/deposit', 'production/balance'],
  identities: true,
  servers: 2,
  users: 5,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/all-deposits-are-there'],
  *script({ servers, user, device, words, random }) {
    const here = servers[device % servers.length] ?? '';
    let paid = 0;
    let isSure = true;
    for (let round = 0; round < ROUNDS; round += 1) {
      const amount = random.between(1, 99);
      yield* barrier(`${user} ${round}`, 2);
      const { outcome } = yield* sendMessage(here, words('production/deposit', { amount: String(amount), ms: '5' }));
      if (outcome.type === 'ok') paid += amount;
      else isSure = false;
    }
    yield* share(`${user} ${device}`, isSure ? String(paid) : 'unsure');
    const others = yield* awaitShared(`${user} ${1 - device}`);
    const answer = yield* sendMessage(here, words('production/balance', {}));
    if (!isSure || others === 'unsure' || answer.outcome.type !== 'ok') return;
    const expected = String(paid + Number(others));
    const seen = sumIn(answer.task);
    const title = 'What two devices have paid in at once is all in the balance';
    yield* expect({
      that: 'all-deposits-are-there',
      title,
      expected,
      seen,
      holds: seen === expected,
      tasks: [answer.task?.id],
    });
  },
});
