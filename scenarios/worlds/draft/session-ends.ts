/** Half of the users end their session in the middle of a draft, and draft anew in another one with agents of its own. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  closeSession,
  expect,
  openSession,
  openStream,
  readEvents,
  readToEnd,
  sendMessage,
} from '../../../harness/script/vocabulary.ts';
import { stateOf } from '../said.ts';
import { AGENTS, expectSame, expectWhole, openDraft, REJECTED, readBoard, sharedSeed } from './drafting.ts';

const USERS = 4;
const ROUNDS = 3;

export const draftSessionEnds = defineScenario({
  name: 'draft-session-ends',
  title: 'When a session ends in the middle of a draft the next one knows nothing of it, and no other notices',
  family: 'worlds',
  needs: ['draft/open', 'draft/go-on', 'draft/board'],
  capabilities: ['streaming'],
  blocks: USERS,
  users: USERS,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/starts-anew', 'as-expected/same-seed-same-draft', 'sessions-stand'],
  *script(context) {
    const { user, index } = context;
    const seed = yield* sharedSeed(context);
    const isInterrupted = index % 2 === 1;
    const left = isInterrupted ? yield* endInTheMiddle(context, seed) : undefined;
    const session = isInterrupted ? `${user}-again` : user;
    const { agents } = yield* openSession(session, AGENTS);
    const [commissioner] = agents;
    if (commissioner === undefined) return;
    if (left !== undefined) yield* expectNothingOf(context, commissioner, left);
    const place = yield* openDraft(context, commissioner, { rounds: ROUNDS, seed });
    if (place === undefined) return;
    const { agent, contextId } = place;
    yield* readToEnd(yield* openStream(agent, context.words('draft/go-on'), { contextId }));
    const board = yield* readBoard(context, place);
    if (board === undefined) return;
    yield* expectWhole(board, ROUNDS);
    yield* expectSame('board', context.index === 0, board);
    yield* closeSession(session);
  },
});

/** The conversation in which it was. */
function* endInTheMiddle(context: ScriptContext, seed: string): Act<string | undefined> {
  const { user, words } = context;
  const [commissioner] = (yield* openSession(user, AGENTS)).agents;
  const place = yield* openDraft(context, commissioner, { rounds: ROUNDS, seed });
  if (place) {
    const { agent, contextId } = place;
    yield* readEvents(yield* openStream(agent, words('draft/go-on'), { contextId }), 3);
  }
  yield* closeSession(user);
  return place?.contextId;
}

function* expectNothingOf({ words }: ScriptContext, agent: string, contextId: string): Act<void> {
  const { outcome, task } = yield* sendMessage(agent, words('draft/board'), { contextId });
  if (outcome.type !== 'ok') return;
  yield* expect({
    that: 'starts-anew',
    title: 'A session knows nothing of the drafts of one that has ended',
    expected: REJECTED,
    seen: stateOf(task),
    holds: stateOf(task) === REJECTED,
    tasks: [task?.id],
  });
}
