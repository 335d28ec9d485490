/** Users who share a commissioner lead two drafts each, one in each of two conversations, and have them go on in turns. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { sendMessage } from '../../../harness/script/vocabulary.ts';
import { expectSame, expectWhole, openDraft, type Place, readBoard, sharedSeed, TEAMS } from './drafting.ts';

const ROUNDS = 2;

export const draftConversations = defineScenario({
  name: 'draft-conversations',
  title: 'Drafts that one commissioner leads in different conversations have nothing to do with each other',
  family: 'worlds',
  needs: ['draft/open', 'draft/next', 'draft/board'],
  users: 4,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/same-seed-same-draft', 'as-expected/in-turn', 'answer-is-mine'],
  *script(context) {
    const { agent, words } = context;
    const seed = yield* sharedSeed(context);
    const places: Place[] = [];
    for (const which of ['a', 'b']) {
      const place = yield* openDraft(context, agent, { rounds: ROUNDS, seed: `${seed}${which}` });
      if (place === undefined) return;
      places.push(place);
    }
    for (let turn = 0; turn < ROUNDS * TEAMS.length; turn += 1)
      for (const { contextId } of places) yield* sendMessage(agent, words('draft/next'), { contextId });
    for (const [number, place] of places.entries()) {
      const board = yield* readBoard(context, place);
      if (board === undefined) return;
      yield* expectWhole(board, ROUNDS);
      yield* expectSame(`board ${number}`, context.index === 0, board);
    }
  },
});
