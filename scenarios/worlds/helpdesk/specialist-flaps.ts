/**
 * The specialist for networks comes and goes. While he is away his problems wait for a person, once he is back he is asked again, and who has
 * another problem notices nothing.
 */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { type Answer, expect, pause, sendMessage } from '../../../harness/script/vocabulary.ts';
import { help, type Problem, problemAt, stateOf, textOf, told } from './problems.ts';

const ROUNDS = 7;
/** Long after the last outage is over. */
const TRIES_MAX = 40;
const BETWEEN_MS = 60;
const NETWORK = 0;
const HARDWARE = 6;

export const helpdeskSpecialistFlaps = defineScenario({
  name: 'helpdesk-specialist-flaps',
  title: 'A specialist who comes and goes is asked again each time, and the other desks go on as ever',
  family: 'worlds',
  needs: ['helpdesk/ask'],
  users: 6,
  load: { shape: 'closed' },
  faults: [
    {
      fault: 'down',
      target: 'peer-network',
      begins: { after_events: 8, of: 'ok' },
      for_ms: 300,
      times: 2,
      every_ms: 600,
    },
  ],
  mustExercise: ['as-expected/asked-again', 'as-expected/others-go-on'],
  *script(context) {
    if (context.index % 2 === 0) yield* comeBack(context);
    else for (let round = 0; round < ROUNDS; round += 1) yield* goOn(context, problemAt(HARDWARE + (round % 2)));
  },
});

function* comeBack(context: ScriptContext): Act<void> {
  const problem = problemAt(NETWORK);
  let wasAway = false;
  let last: Answer | undefined;
  for (let round = 0; round < TRIES_MAX; round += 1) {
    last = yield* ask(context, problem);
    wasAway ||= stateOf(last.task) === 'TASK_STATE_INPUT_REQUIRED';
    if (round >= ROUNDS && isAnswered(last, problem)) break;
  }
  if (!wasAway || last?.outcome.type !== 'ok') return;
  yield* expect({
    that: 'asked-again',
    title: 'A specialist who is back is asked again',
    expected: `"${problem.advice}"`,
    seen: `${told(last.task)}, as the answer to the last of ${TRIES_MAX} questions at most`,
    holds: isAnswered(last, problem),
    tasks: [last.task?.id],
  });
}

function* goOn(context: ScriptContext, problem: Problem): Act<void> {
  const answer = yield* ask(context, problem);
  if (answer.outcome.type !== 'ok') return;
  yield* expect({
    that: 'others-go-on',
    title: 'While one specialist is away the others are asked as ever',
    expected: `"${problem.advice}"`,
    seen: told(answer.task),
    holds: isAnswered(answer, problem),
    tasks: [answer.task?.id],
  });
}

function* ask({ agent, words }: ScriptContext, { problem }: Problem): Act<Answer> {
  const answer = yield* sendMessage(agent, help(words, problem));
  yield* pause(BETWEEN_MS);
  return answer;
}

const isAnswered = ({ task }: Answer, { advice }: Problem): boolean => textOf(task).startsWith(`${advice}, for `);
