/** Many users draft at once, each with a commissioner and teams of his own: however they get in each other's way, the drafts are the same. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  barrier,
  closeSession,
  expect,
  openSession,
  openStream,
  readToEnd,
  sendMessage,
} from '../../../harness/script/vocabulary.ts';
import { saidIn } from '../said.ts';
import { AGENTS, type Board, expectSame, expectWhole, openDraft, readBoard, sharedSeed, TEAMS } from './drafting.ts';

const USERS = 6;
const ROUNDS = 3;

export const draftManySessions = defineScenario({
  name: 'draft-many-sessions',
  title: 'However many draft at once, each in a session of his own, all drafts with the same seed come out the same',
  family: 'worlds',
  needs: ['draft/open', 'draft/go-on', 'draft/board', 'draft/roster'],
  capabilities: ['streaming'],
  blocks: USERS,
  users: USERS,
  load: { shape: 'closed' },
  mustExercise: [
    'as-expected/same-seed-same-draft',
    'as-expected/in-turn',
    'as-expected/roster-is-as-on-board',
    'sessions-stand',
    'stream-shape',
  ],
  *script(context) {
    const { user, users, index, words } = context;
    // Two and two have the same seed, and all of them together need more players than there are in one draft.
    const pair = Math.floor(index / 2);
    const seed = `${yield* sharedSeed(context)}x${pair}`;
    const { agents } = yield* openSession(user, AGENTS);
    yield* barrier('all stand', users.length);
    const [commissioner, ...teams] = agents;
    const place = yield* openDraft(context, commissioner, { rounds: ROUNDS, seed });
    if (place === undefined) return;
    const { agent, contextId } = place;
    yield* readToEnd(yield* openStream(agent, words('draft/go-on'), { contextId }));
    const board = yield* readBoard(context, place);
    if (board === undefined) return;
    yield* expectWhole(board, ROUNDS);
    yield* expectSame(`board ${pair}`, index % 2 === 0, board);
    for (const [number, team] of teams.entries())
      yield* expectRoster(context, board, { team, number, draft: contextId });
    yield* closeSession(user);
  },
});

/** The teams of this session are the ones that chose. */
function* expectRoster(
  { words }: ScriptContext,
  { picks }: Board,
  { team, number, draft }: { readonly team: string; readonly number: number; readonly draft: string },
): Act<void> {
  const { outcome, task } = yield* sendMessage(team, words('draft/roster', { draft }));
  if (outcome.type !== 'ok') return;
  const onBoard = picks.filter((pick) => pick.team === TEAMS[number]).map(({ player }) => player);
  yield* expect({
    that: 'roster-is-as-on-board',
    title: 'A team of a session has the players whom the board of this session gives it',
    expected: onBoard.join(' '),
    seen: saidIn(task),
    holds: saidIn(task) === onBoard.join(' '),
    tasks: [task?.id],
  });
}
