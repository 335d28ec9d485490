/** Users whose tokens have expired, are signed by somebody else or by nobody, or are for another agent: they get nothing, and learn nothing. */
import type { Outcome } from '../../../harness/model/op.ts';
import type { Act } from '../../../harness/model/scenario.ts';
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
  sendMessage,
  share,
  subscribe,
} from '../../../harness/script/vocabulary.ts';
import { decisionOf, toldOf } from './refusals.ts';

const NAMES = ['honest-1', 'expired-1', 'foreign-1', 'none-1', 'elsewhere-1', null];

export const guardedBadTokens = defineScenario({
  name: 'guarded-bad-tokens',
  title: 'Whose token has expired, is forged, unsigned or for another agent gets nothing and learns nothing',
  family: 'worlds',
  needs: ['guarded/audit', 'short', 'asks'],
  capabilities: ['streaming'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/bad-token-gets-nothing', 'as-expected/bad-token-learns-nothing', 'user-isolation'],
  *script({ agent, index, users, say, random }) {
    if (index === 0) {
      const { task } = yield* sendMessage(agent, say.asks());
      yield* share('task', task?.id);
      yield* barrier('tried', users.length);
      yield* cancelTask(agent, task?.id);
      return;
    }
    const task = yield* awaitShared('task');
    const never = random.uuid();
    yield* getsNothing('SendMessage', yield* sendMessage(agent, say.short()));
    yield* getsNothing('SendMessage to a task', yield* sendMessage(agent, say.short(), { taskId: task }));
    const stream = yield* openStream(agent, say.short());
    yield* leave(stream);
    yield* getsNothing('SendStreamingMessage', stream);
    yield* getsNothing('ListTasks', yield* listTasks(agent));
    for (const [name, act] of Object.entries({ GetTask: getTask, CancelTask: cancelTask, SubscribeToTask: watched })) {
      const there = yield* act(agent, task);
      const nowhere = yield* act(agent, never);
      yield* getsNothing(name, there);
      yield* learnsNothing(name, answerOn(task, there.outcome), answerOn(never, nowhere.outcome));
    }
    yield* barrier('tried', users.length);
  },
});

function* watched(agent: string, task: string | undefined): Act<Pick<Answer, 'outcome'>> {
  const stream = yield* subscribe(agent, task);
  yield* leave(stream);
  return stream;
}

function* getsNothing(operation: string, { outcome }: Pick<Answer, 'outcome'>): Act<void> {
  const decision = decisionOf(outcome);
  if (decision === 'unknown') return;
  yield* expect({
    that: 'bad-token-gets-nothing',
    title: 'Nobody gets anything for a token that is not good',
    expected: `${operation} is refused as unauthenticated`,
    seen: `${operation}: ${toldOf(outcome)}`,
    holds: decision === 'no-token',
  });
}

/** But for the task's id, which he has named himself. */
const answerOn = (task: string, outcome: Outcome): string | undefined =>
  outcome.type === 'fail' ? `${outcome.error.code}: ${outcome.error.message.replaceAll(task, 'ID')}` : undefined;

function* learnsNothing(operation: string, there: string | undefined, nowhere: string | undefined): Act<void> {
  if (there === undefined || nowhere === undefined) return;
  yield* expect({
    that: 'bad-token-learns-nothing',
    title: 'Nobody learns for a token that is not good which tasks there are',
    expected: `${operation} on a task that there is is answered as on one that there is not: ${nowhere}`,
    seen: `${operation}: ${there}`,
    holds: there === nowhere,
  });
}
