/** When a person answers, who asked has gone: one has only closed his laptop and comes back, the other has cancelled. */
import type { Task } from '../../../harness/model/a2a.ts';
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  awaitShared,
  cancelTask,
  expect,
  getTask,
  leave,
  openStream,
  pause,
  sendMessage,
  share,
} from '../../../harness/script/vocabulary.ts';
import { saidIn, stateOf } from '../said.ts';
import { answer, COFFEE, help, ticketIn, told, WINDOW } from './problems.ts';

const NAMES = ['ann', 'bob', 'human-eve'];
const LOOKS_MAX = 40;
const LOOK_MS = 25;
const RIGHT = 'warm it up';

export const helpdeskCallerLeft = defineScenario({
  name: 'helpdesk-caller-left',
  title: 'An answer waits for who went away, and a person is told when nobody wants it any more',
  family: 'worlds',
  needs: ['helpdesk/ask', 'helpdesk/answer', 'helpdesk/tickets'],
  capabilities: ['streaming'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/kept-for-who-left', 'as-expected/told-that-nobody-waits'],
  *script(context) {
    if (context.index === 0) yield* goAway(context);
    else if (context.index === 1) yield* cancel(context);
    else yield* answerBoth(context);
  },
});

function* goAway({ agent, words }: ScriptContext): Act<void> {
  const stream = yield* openStream(agent, help(words, COFFEE));
  yield* leave(stream);
  if ((yield* awaitShared('coffee')) !== 'TASK_STATE_COMPLETED') return;
  const { outcome, task } = yield* getTask(agent, stream.task);
  if (outcome.type !== 'ok') return;
  yield* expect({
    that: 'kept-for-who-left',
    title: 'Who went away finds the answer when he comes back',
    expected: `"person: ${RIGHT}"`,
    seen: told(task),
    holds: saidIn(task).startsWith(`person: ${RIGHT},`),
    tasks: [stream.task],
  });
}

function* cancel({ agent, words }: ScriptContext): Act<void> {
  const { task } = yield* sendMessage(agent, help(words, WINDOW));
  const { task: cancelled } = yield* cancelTask(agent, task?.id);
  yield* share('window', stateOf(cancelled) === 'TASK_STATE_CANCELED' ? ticketIn(task) : '-');
}

function* answerBoth({ agent, words }: ScriptContext): Act<void> {
  const coffee = yield* findTicket({ agent, words }, COFFEE);
  const answered = coffee === undefined ? undefined : yield* sendMessage(agent, answer(words, coffee, RIGHT));
  yield* share('coffee', stateOf(answered?.task));

  const window = yield* awaitShared('window');
  if (window === '-') return;
  const { outcome, task } = yield* sendMessage(agent, answer(words, window, RIGHT));
  if (outcome.type !== 'ok') return;
  yield* expect({
    that: 'told-that-nobody-waits',
    title: 'Who answers a problem that was withdrawn is told that nobody waits for it',
    expected: 'TASK_STATE_REJECTED',
    seen: told(task),
    holds: stateOf(task) === 'TASK_STATE_REJECTED',
    tasks: [task?.id],
  });
}

/** The number is told only to who asked, and he has gone. */
function* findTicket(
  { agent, words }: Pick<ScriptContext, 'agent' | 'words'>,
  problem: string,
): Act<string | undefined> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const { task } = yield* sendMessage(agent, words('helpdesk/tickets'));
    const number = numberOf(task, problem);
    if (number !== undefined) return number;
    yield* pause(LOOK_MS);
  }
  return undefined;
}

const numberOf = (list: Task | undefined, problem: string): string | undefined =>
  saidIn(list)
    .split('\n')
    .find((line) => line.endsWith(`: ${problem}`))
    ?.split(': ', 1)[0];
