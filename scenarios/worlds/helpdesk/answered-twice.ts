/** Two persons answer the same ticket in the same moment: one of them is the one who did. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { awaitShared, expect, getTask, sendMessage, share } from '../../../harness/script/vocabulary.ts';
import { saidIn, stateOf } from '../said.ts';
import { answer, COFFEE, help, ticketIn, told } from './problems.ts';

const ROUNDS = 3;
const NAMES = ['ann', 'bob', 'human-eve', 'human-joe'];
const CALLERS = [0, 1];
const PERSONS = [2, 3];
const TAKEN = 'TASK_STATE_COMPLETED';
const UNKNOWN = 'unknown';
/** What a person says who answers. */
const sayingOf = (person: number): string => (person === 2 ? 'warm it up' : 'brew another');

export const helpdeskAnsweredTwice = defineScenario({
  name: 'helpdesk-answered-twice',
  title: 'Of two persons who answer a ticket at once one is thanked, and it is his answer that arrives',
  family: 'worlds',
  needs: ['helpdesk/ask', 'helpdesk/answer'],
  identities: true,
  names: NAMES,
  users: NAMES.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/answered-once', 'as-expected/the-answer-that-was-taken', 'overlaps/together'],
  *script(context) {
    for (let round = 0; round < ROUNDS; round += 1) {
      if (CALLERS.includes(context.index)) yield* ask(context, round);
      else for (const caller of CALLERS) yield* answerTo(context, `${round}/${caller}`);
    }
  },
});

function* ask({ agent, words, index }: ScriptContext, round: number): Act<void> {
  const name = `${round}/${index}`;
  const { task } = yield* sendMessage(agent, help(words, COFFEE));
  yield* share(name, ticketIn(task));
  const taken: number[] = [];
  for (const person of PERSONS) if ((yield* awaitShared(`${name}/${person}`)) === TAKEN) taken.push(person);
  const { outcome, task: now } = yield* getTask(agent, task?.id);
  const [first] = taken;
  if (outcome.type !== 'ok' || first === undefined || taken.length > 1) return;
  yield* expect({
    that: 'the-answer-that-was-taken',
    title: 'Who asked gets the answer of the person who was told that he had answered',
    expected: `${NAMES[first]} said "${sayingOf(first)}"`,
    seen: told(now),
    holds: stateOf(now) === TAKEN && saidIn(now).startsWith(`person: ${sayingOf(first)},`),
    tasks: [task?.id],
  });
}

function* answerTo({ agent, words, index }: ScriptContext, name: string): Act<void> {
  const ticket = yield* awaitShared(name);
  const together = { name, parties: PERSONS.length };
  const { outcome, task } = yield* sendMessage(agent, answer(words, ticket, sayingOf(index)), { together });
  const mine = outcome.type === 'ok' ? stateOf(task) : UNKNOWN;
  yield* share(`${name}/${index}/task`, task?.id ?? '');
  yield* share(`${name}/${index}`, mine);
  const [other = 0, last] = PERSONS;
  if (index !== last) return;
  const his = yield* awaitShared(`${name}/${other}`);
  if (mine === UNKNOWN || his === UNKNOWN) return;
  const hisTask = (yield* awaitShared(`${name}/${other}/task`)) || undefined;
  yield* expect({
    that: 'answered-once',
    title: 'Of two persons who answer a ticket at once one is told that he has answered it',
    expected: `${TAKEN} for one of the two`,
    seen: `${mine} for ${NAMES[index]}, who said "${sayingOf(index)}", and ${his} for ${NAMES[other]}, who said "${sayingOf(other)}" in the same moment`,
    holds: (mine === TAKEN) !== (his === TAKEN),
    tasks: [hisTask, task?.id],
  });
}
