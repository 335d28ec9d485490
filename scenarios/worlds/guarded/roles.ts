/** Every role tries every act, on somebody else's open task and on one that never was: what it may do is the same for both. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  type Answer,
  awaitShared,
  barrier,
  cancelTask,
  expect,
  getTask,
  leave,
  listTasks,
  openStream,
  readToEnd,
  sendMessage,
  share,
  subscribe,
} from '../../../harness/script/vocabulary.ts';
import { decisionOf, toldOf } from './refusals.ts';

const NAMES = ['caller-1', 'caller-2', 'reader-1', 'reader-2', 'auditor-1'];

type Asked = 'GetTask' | 'ListTasks' | 'SubscribeToTask' | 'SendMessage' | 'CancelTask' | 'Audit';

const READS: readonly Asked[] = ['GetTask', 'ListTasks', 'SubscribeToTask'];
const MAY: Readonly<Record<string, readonly Asked[]>> = {
  caller: [...READS, 'SendMessage', 'CancelTask'],
  reader: READS,
  auditor: [...READS, 'Audit'],
};

export const guardedRoles = defineScenario({
  name: 'guarded-roles',
  title: 'Every role may do what is its own, and no more, whosever task it is',
  family: 'worlds',
  needs: ['guarded/audit', 'slow', 'short'],
  capabilities: ['streaming'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/role-allows-no-more', 'as-expected/role-allows-its-own', 'user-isolation'],
  *script(context) {
    const { agent, index, users, say, words, random } = context;
    const own = index === 0 ? yield* openStream(agent, say.slow({ chunks: 10, gap_ms: 60 })) : undefined;
    if (own !== undefined) yield* share('task', own.task);
    const foreign = yield* awaitShared('task');
    const targets = index === 0 ? [random.uuid()] : [foreign, random.uuid()];
    for (const task of targets) yield* readEverything(context, task);
    yield* holdTo(context, 'ListTasks', yield* listTasks(agent));
    yield* holdTo(context, 'SendMessage', yield* sendMessage(agent, say.short()));
    yield* holdTo(context, 'Audit', yield* sendMessage(agent, words('guarded/audit')));
    yield* barrier('read', users.length);
    for (const task of targets) yield* holdTo(context, 'CancelTask', yield* cancelTask(agent, task));
    if (own !== undefined) yield* readToEnd(own);
  },
});

function* readEverything(context: ScriptContext, task: string): Act<void> {
  yield* holdTo(context, 'GetTask', yield* getTask(context.agent, task));
  const stream = yield* subscribe(context.agent, task);
  yield* leave(stream);
  yield* holdTo(context, 'SubscribeToTask', stream);
}

function* holdTo({ index }: ScriptContext, asked: Asked, { outcome }: Pick<Answer, 'outcome'>): Act<void> {
  const decision = decisionOf(outcome);
  if (decision === 'unknown') return;
  const role = NAMES[index]?.split('-')[0] ?? '';
  const may = MAY[role]?.includes(asked) === true;
  yield* expect({
    that: may ? 'role-allows-its-own' : 'role-allows-no-more',
    title: may ? 'What a role allows is not refused' : 'What a role does not allow is refused for want of it',
    expected: `${asked} by a ${role} ${may ? 'is taken' : 'is refused as forbidden, whatever task it names'}`,
    seen: `${asked} by a ${role}: ${toldOf(outcome)}`,
    holds: decision === (may ? 'taken' : 'no-role'),
  });
}
