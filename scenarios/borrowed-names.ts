/** Every user goes on with what his neighbour holds in his hands: the token of his next page, the id of his message, that of his task. */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { awaitShared, barrier, listTasks, sendMessage, share } from '../harness/script/vocabulary.ts';

const ROUNDS = 2;
/** Whose tasks are on a page shows by their ids. */
const PAGE = { pageSize: 1, includeArtifacts: false, historyLength: 0 };
/** What a user shares who has none. */
const NONE = '';

export const borrowedNames = defineScenario({
  name: 'borrowed-names',
  title: "Whoever brings a page token, a messageId or a task's id of somebody else along gets nothing of his",
  family: 'concurrent users',
  needs: ['short'],
  identities: true,
  users: 6,
  load: { shape: 'closed' },
  mustExercise: ['user-isolation', 'access-matrix'],
  *script(context) {
    const { user, users, index } = context;
    for (let round = 0; round < ROUNDS; round += 1) {
      const lender = users[(index + 1 + round) % users.length] ?? user;
      yield* lend(context, `${round}/${user}`);
      yield* barrier(`round ${round}`, users.length);
      yield* borrow(context, `${round}/${lender}`);
    }
  },
});

function* lend({ agent, say }: ScriptContext, name: string): Act<void> {
  const words = say.short();
  const { task } = yield* sendMessage(agent, words);
  yield* sendMessage(agent, say.short());
  const { nextPageToken } = yield* listTasks(agent, PAGE);
  yield* share(`${name}/message`, words.messageId);
  yield* share(`${name}/task`, task?.id ?? NONE);
  yield* share(`${name}/page`, nextPageToken ?? NONE);
}

function* borrow({ agent, say, random }: ScriptContext, name: string): Act<void> {
  const messageId = yield* awaitShared(`${name}/message`);
  yield* sendMessage(agent, { ...say.short(), messageId });
  const task = yield* awaitShared(`${name}/task`);
  for (const referred of [task, random.uuid()]) {
    if (referred !== NONE) yield* sendMessage(agent, say.short(), { referenceTaskIds: [referred] });
  }
  const pageToken = yield* awaitShared(`${name}/page`);
  if (pageToken !== NONE) yield* listTasks(agent, { ...PAGE, pageToken });
}
