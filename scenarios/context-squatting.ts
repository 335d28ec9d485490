/** Every user moves into his neighbour's conversation, into one that never was, and into one that several choose at the same time. */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { awaitShared, barrier, getTask, listTasks, sendMessage, share } from '../harness/script/vocabulary.ts';

export const contextSquatting = defineScenario({
  name: 'context-squatting',
  title: "Whoever names the contextId of somebody else gets nothing of that conversation, and is in nobody's way",
  family: 'concurrent users',
  needs: ['short'],
  identities: true,
  users: 6,
  load: { shape: 'closed' },
  mustExercise: ['context-ownership', 'user-isolation'],
  *script(context) {
    const { agent, user, users, index, say, random } = context;
    const neighbour = users[(index + 1) % users.length] ?? user;
    const first = yield* sendMessage(agent, say.short());
    const own = first.task?.contextId ?? first.message?.contextId;
    yield* share(user, own);
    const foreign = yield* awaitShared(neighbour);
    // Two users or three choose the same name; nobody asks for it before all are there.
    if (index < 2) yield* share(`chosen/${index}`, random.uuid());
    const chosen = yield* awaitShared(`chosen/${index % 2}`);
    const rooms = own === undefined ? [foreign, chosen] : [own, foreign, chosen];
    for (const contextId of rooms) {
      yield* barrier(`into ${rooms.indexOf(contextId)}`, users.length);
      yield* talk(context, contextId);
    }
    yield* sendMessage(agent, say.short(), { contextId: random.uuid() });
    yield* barrier('all are in', users.length);
    for (const contextId of rooms) yield* look(context, contextId);
    yield* barrier('all have looked', users.length);
    if (first.task !== undefined) yield* share(`task of ${user}`, first.task.id);
    if (first.task !== undefined) yield* getTask(agent, yield* awaitShared(`task of ${neighbour}`));
    yield* getTask(agent, random.uuid());
  },
});

function* talk({ agent, say, can }: ScriptContext, contextId: string): Act<void> {
  yield* sendMessage(agent, can('remembers') ? say.remembers() : say.short(), { contextId });
}

/** Without the words in the tasks: that they are there is enough to know too much. */
function* look({ agent, say, can }: ScriptContext, contextId: string): Act<void> {
  if (can('recalls')) yield* sendMessage(agent, say.recalls(), { contextId });
  yield* listTasks(agent, { contextId, includeArtifacts: false, historyLength: 0 });
}
