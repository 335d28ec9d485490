/** Many users draft at once, each with a commissioner and teams of his own: however they get in each other's way, the drafts are the same. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { barrier, closeSession, openSession, openStream, readToEnd } from '../../../harness/script/vocabulary.ts';
import { AGENTS, expectSame, expectWhole, openDraft, readBoard, sharedSeed } from './drafting.ts';

const USERS = 6;
const ROUNDS = 3;

export const draftManySessions = defineScenario({
  name: 'draft-many-sessions',
  title: 'However many draft at once, each in a session of his own, all drafts with the same seed come out the same',
  family: 'worlds',
  needs: ['draft/open', 'draft/go-on', 'draft/board'],
  capabilities: ['streaming'],
  blocks: USERS,
  users: USERS,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/same-seed-same-draft', 'as-expected/in-turn', 'sessions-stand', 'stream-shape'],
  *script(context) {
    const { user, users, index, words } = context;
    // Two and two have the same seed, and all of them together need more players than there are in one draft.
    const pair = Math.floor(index / 2);
    const seed = `${yield* sharedSeed(context)}x${pair}`;
    const { agents } = yield* openSession(user, AGENTS);
    yield* barrier('all stand', users.length);
    const [commissioner] = agents;
    const place = yield* openDraft(context, commissioner, { rounds: ROUNDS, seed });
    if (place === undefined) return;
    const { agent, contextId } = place;
    yield* readToEnd(yield* openStream(agent, words('draft/go-on'), { contextId }));
    const board = yield* readBoard(context, place);
    if (board === undefined) return;
    yield* expectWhole(board, ROUNDS);
    yield* expectSame(`board ${pair}`, index % 2 === 0, board);
    yield* closeSession(user);
  },
});
