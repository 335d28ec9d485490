/** Many problems at once that begin alike and belong to different desks, and two for each specialist at the same time. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { expect, sendMessage } from '../../../harness/script/vocabulary.ts';
import { saidIn } from '../said.ts';
import { help, PROBLEMS, problemAt, told } from './problems.ts';

const ROUNDS = 4;

export const helpdeskRightDesk = defineScenario({
  name: 'helpdesk-right-desk',
  title: 'However many ask at once, each problem comes to the right desk and each user gets the answer to his own',
  family: 'worlds',
  needs: ['helpdesk/ask'],
  users: PROBLEMS.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/advice-fits', 'answer-is-mine', 'overlaps/together'],
  *script({ agent, index, users, words }) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { problem, advice } = problemAt(index + 2 * round);
      const together = { name: `round ${round}`, parties: users.length };
      const { outcome, task } = yield* sendMessage(agent, help(words, problem), { together });
      if (outcome.type !== 'ok') continue;
      yield* expect({
        that: 'advice-fits',
        title: 'The answer to a problem is what its desk knows about it',
        expected: `"${problem}" is answered with "${advice}"`,
        seen: told(task),
        holds: saidIn(task).startsWith(`${advice}, for `),
        tasks: [task?.id],
      });
    }
  },
});
