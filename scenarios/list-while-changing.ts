/** One device of a user makes tasks while the other one goes through the list of them, page after page. */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitShared,
  barrier,
  type ListOptions,
  listPages,
  listTasks,
  pause,
  sendMessage,
  share,
} from '../harness/script/vocabulary.ts';

const TASKS_BEFORE = 5;
const TASKS_MEANWHILE = 12;
const PAIRS = 4;
const WALKS = 4;
const LONG_WORK = { chunks: 4, gap_ms: 25 };
/** Where users are anonymous each walks through the tasks of all. */
const PAGES_MAX = 100;
/** Lists show what there is; the words in it are for other scenarios. */
const BARE: ListOptions = { includeArtifacts: false, historyLength: 0 };

export const listWhileChanging = defineScenario({
  name: 'list-while-changing',
  title: 'Whoever walks the pages of his tasks meets each of them once, while others come and change',
  family: 'concurrent users',
  needs: ['short'],
  capabilities: ['ListTasks'],
  users: 4,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: ['list-complete/changing', 'list-complete/filtered'],
  *script(context) {
    const { agent, user, device, say } = context;
    // Two tasks that end in the same moment.
    for (let pair = 0; pair < PAIRS; pair += 1) {
      yield* sendMessage(agent, say.short(), { together: { name: `${user}/pair ${pair}`, parties: 2 } });
    }
    if (device === 0) yield* makeTasks(context);
    else yield* walkMeanwhile(context);
    yield* barrier(`${user}/made`, 2);
    if (device === 1) yield* listByEverything(context);
  },
});

function* makeTasks({ agent, user, say, can, random }: ScriptContext): Act<void> {
  // It is over when others have come and gone, so that tasks end in another order than they began.
  if (can('slow')) yield* sendMessage(agent, say.slow(LONG_WORK), { returnImmediately: true });
  const first = yield* sendMessage(agent, say.short());
  const contextId = first.task?.contextId;
  for (let made = 1; made < TASKS_BEFORE + TASKS_MEANWHILE; made += 1) {
    if (made === TASKS_BEFORE) yield* share(user, user);
    yield* sendMessage(agent, say.short(), made % 3 === 0 && contextId !== undefined ? { contextId } : {});
    if (made >= TASKS_BEFORE) yield* pause(random.between(1, 8));
  }
}

function* walkMeanwhile({ agent, user, random }: ScriptContext): Act<void> {
  yield* awaitShared(user);
  for (let walk = 0; walk < WALKS; walk += 1) {
    yield* listPages(agent, PAGES_MAX, { ...BARE, pageSize: random.pick([1, 2, 3]) });
  }
}

function* listByEverything({ agent, random }: ScriptContext): Act<void> {
  const all = yield* listTasks(agent, { pageSize: 100, includeArtifacts: false, historyLength: 1 });
  const some = all.tasks === undefined || all.tasks.length === 0 ? undefined : random.pick(all.tasks);
  const timestamp = some?.status.timestamp;
  yield* listPages(agent, PAGES_MAX, { ...BARE, pageSize: 3 });
  if (some?.contextId !== undefined)
    yield* listPages(agent, PAGES_MAX, { ...BARE, pageSize: 3, contextId: some.contextId });
  if (some !== undefined) yield* listPages(agent, PAGES_MAX, { ...BARE, pageSize: 5, status: some.status.state });
  if (timestamp !== undefined)
    yield* listPages(agent, PAGES_MAX, { ...BARE, pageSize: 4, statusTimestampAfter: timestamp });
  yield* listTasks(agent, { status: 'TASK_STATE_WORKING' });
}
