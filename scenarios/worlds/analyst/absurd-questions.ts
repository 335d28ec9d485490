/** Users ask for reports over nothing, over less than nothing, over more than there is, and over what is no number. */
import type { Task } from '../../../harness/model/a2a.ts';
import type { Act } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { expect, sendMessage } from '../../../harness/script/vocabulary.ts';
import { toldIn } from '../said.ts';
import { expectChart, expectWhole } from './answers.ts';

const ABSURD = ['0', '-1', '1000001', '1e99', '3.5', 'NaN', 'many', '7; drop', '100.000', '99999999999999999999'];
const ROWS = 7;

export const absurdQuestions = defineScenario({
  name: 'analyst-absurd-questions',
  title: 'Who asks for an absurd number of rows is told so, and may ask again',
  family: 'worlds',
  needs: ['analyst/report'],
  users: ABSURD.length,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/says-what-is-absurd', 'as-expected/rows-in-order', 'answer-is-mine'],
  *script({ agent, index, words }) {
    const rows = ABSURD[index % ABSURD.length] ?? '';
    const { outcome, task } = yield* sendMessage(agent, words('analyst/report', { rows, gap_ms: 5 }));
    if (outcome.type !== 'ok' || task === undefined) return;
    yield* expectQuestion(task, rows);
    if (task.status.state !== 'TASK_STATE_INPUT_REQUIRED') return;
    const again = yield* sendMessage(agent, words('analyst/report', { rows: ROWS, gap_ms: 5 }), { taskId: task.id });
    yield* expectWhole(again.task, ROWS);
    yield* expectChart(again.task, ROWS);
  },
});

const SAYS_SO: ReadonlySet<string> = new Set(['TASK_STATE_INPUT_REQUIRED', 'TASK_STATE_FAILED', 'TASK_STATE_REJECTED']);

function* expectQuestion(task: Task, rows: string): Act<void> {
  const { id, status } = task;
  const said = toldIn(task);
  yield* expect({
    that: 'says-what-is-absurd',
    title: 'Who asks for what cannot be had is asked back, or told no, in words',
    expected: `a question, or a refusal, for ${rows} rows`,
    seen: `${status.state}${said === '' ? ', without a word' : `: ${said}`}`,
    holds: SAYS_SO.has(status.state) && said !== '',
    tasks: [id],
  });
}
