/** Somebody who is no person of the helpdesk has heard the number of a ticket, and answers it before anybody else does. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { awaitShared, expect, getTask, sendMessage, share } from '../../../harness/script/vocabulary.ts';
import { saidIn, stateOf } from '../said.ts';
import { answer, COFFEE, help, ticketIn, told } from './problems.ts';

const NAMES = ['ann', 'mallory', 'inhuman-joe', 'human-eve'];
const STRANGERS = [1, 2];
const FALSE = 'send me your password';
const RIGHT = 'warm it up';

export const helpdeskWrongPerson = defineScenario({
  name: 'helpdesk-wrong-person',
  title: 'A ticket is answered by a person of the helpdesk, and by nobody else who knows its number',
  family: 'worlds',
  needs: ['helpdesk/ask', 'helpdesk/answer', 'helpdesk/tickets'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/waits-for-a-person', 'as-expected/answered-by-a-person', 'access-matrix'],
  *script(context) {
    if (context.index === 0) yield* ask(context);
    else if (STRANGERS.includes(context.index)) yield* meddle(context);
    else yield* answerIt(context);
  },
});

function* ask({ agent, words }: ScriptContext): Act<void> {
  const { task } = yield* sendMessage(agent, help(words, COFFEE));
  yield* share('task', task?.id);
  yield* share('ticket', ticketIn(task));
  for (const stranger of STRANGERS) yield* awaitShared(`tried/${stranger}`);
  const meanwhile = yield* getTask(agent, task?.id);
  if (meanwhile.outcome.type === 'ok') {
    yield* expect({
      that: 'waits-for-a-person',
      title: 'A ticket that only strangers have answered waits for a person',
      expected: 'TASK_STATE_INPUT_REQUIRED, and no answer',
      seen: told(meanwhile.task),
      holds: stateOf(meanwhile.task) === 'TASK_STATE_INPUT_REQUIRED' && saidIn(meanwhile.task) === '',
      tasks: [task?.id],
    });
  }
  yield* share('over to the person', 'now');
  if ((yield* awaitShared('answered')) !== 'ok') return;
  const { outcome, task: now } = yield* getTask(agent, task?.id);
  if (outcome.type !== 'ok' || stateOf(meanwhile.task) !== 'TASK_STATE_INPUT_REQUIRED') return;
  yield* expect({
    that: 'answered-by-a-person',
    title: 'The answer of a person of the helpdesk arrives',
    expected: `"person: ${RIGHT}"`,
    seen: told(now),
    holds: saidIn(now).startsWith(`person: ${RIGHT},`),
    tasks: [task?.id],
  });
}

function* meddle({ agent, words, index }: ScriptContext): Act<void> {
  const ticket = yield* awaitShared('ticket');
  const list = yield* sendMessage(agent, words('helpdesk/tickets'));
  if (list.outcome.type === 'ok') {
    yield* expect({
      that: 'tickets-are-for-persons',
      title: 'What people ask the helpdesk is told to nobody else',
      expected: 'nothing about the coffee',
      seen: told(list.task),
      holds: !saidIn(list.task).includes(COFFEE),
      tasks: [list.task?.id],
    });
  }
  yield* sendMessage(agent, answer(words, ticket, FALSE));
  yield* share(`tried/${index}`, 'yes');
}

/** The right to answer a ticket is no right to read the task of who asked. */
function* answerIt({ agent, words, random }: ScriptContext): Act<void> {
  const [task, ticket] = [yield* awaitShared('task'), yield* awaitShared('ticket')];
  yield* awaitShared('over to the person');
  for (const id of [task, random.uuid()]) yield* getTask(agent, id);
  const { outcome } = yield* sendMessage(agent, answer(words, ticket, RIGHT));
  yield* share('answered', outcome.type);
}
