/** In the middle of all drafts a team dies and does not come back: it loses its turns, and the drafts come to their end. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { expect, sendMessage } from '../../../harness/script/vocabulary.ts';
import { expectInTurn, openDraft, readBoard, SKIPPED, sharedSeed, TEAMS } from './drafting.ts';

const ROUNDS = 3;
const TURNS = ROUNDS * TEAMS.length;
const DEAD = 'east';

export const draftTeamDies = defineScenario({
  name: 'draft-team-dies',
  title: 'A team that dies in the middle of a draft loses its turns, and everybody else has his',
  family: 'worlds',
  needs: ['draft/open', 'draft/next', 'draft/board'],
  users: 4,
  load: { shape: 'closed' },
  // By its last turn each user has had more answers than that.
  faults: [{ fault: 'down', target: 'peer-east', begins: { after_events: 7, of: 'ok' }, for_ms: 60_000 }],
  mustExercise: ['as-expected/draft-ends', 'as-expected/dead-are-skipped', 'as-expected/others-pick'],
  *script(context) {
    const { agent, words } = context;
    const place = yield* openDraft(context, agent, { rounds: ROUNDS, seed: yield* sharedSeed(context) });
    if (place === undefined) return;
    let last: string | undefined;
    for (let turn = 0; turn < TURNS; turn += 1)
      last = (yield* sendMessage(agent, words('draft/next'), { contextId: place.contextId })).task?.id;
    const board = yield* readBoard(context, place);
    if (board === undefined) return;
    const seen = board.text.replaceAll('\n', ', ');
    yield* expect({
      that: 'draft-ends',
      title: 'A draft comes to its end when one of its teams is gone',
      expected: `${TURNS} turns, after as many times "next"`,
      seen: `${board.picks.length} of ${TURNS}: ${seen}`,
      holds: board.picks.length === TURNS,
      tasks: [last, board.task],
    });
    if (board.picks.length !== TURNS) return;
    yield* expectInTurn(board, ROUNDS);
    const lastOfDead = board.picks.findLast(({ team }) => team === DEAD);
    yield* expect({
      that: 'dead-are-skipped',
      title: 'A team that is gone loses its turn',
      expected: `the last turn of the ${DEAD} is ${SKIPPED}`,
      seen,
      holds: lastOfDead?.player === SKIPPED,
      tasks: [board.task],
    });
    yield* expect({
      that: 'others-pick',
      title: 'When one team is gone the others have all their turns',
      expected: `nobody but the ${DEAD} is skipped`,
      seen,
      holds: board.picks.every(({ team, player }) => team === DEAD || player !== SKIPPED),
      tasks: [board.task],
    });
  },
});
