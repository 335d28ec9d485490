/**
 * One user does not read what he asked for, megabytes of it; others get their reports in the meantime, and one of them a table of
 * megabytes, which is whole.
 */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { getTask, openStream, readToEnd, sendMessage } from '../../../harness/script/vocabulary.ts';
import { readsNothing, readsOn } from '../../slow-stream.ts';
import { expectChart, expectProgress, expectWhole } from './answers.ts';

const HELD_MS = 450;
/** Over a megabyte. */
const MANY_ROWS = 20_000;
const ROWS = 300;
const REPORTS = 3;

export const slowReaders = defineScenario({
  name: 'analyst-slow-readers',
  title: 'Who does not read holds up no report, however large, and each is whole',
  family: 'worlds',
  needs: ['analyst/table', 'analyst/report', 'slow', 'long'],
  capabilities: ['streaming'],
  users: 5,
  load: { shape: 'closed' },
  mustExercise: ['slow-reader', 'fold-equals-get', 'as-expected/rows-in-order', 'as-expected/sum-is-of-rows'],
  script: (context) =>
    context.index === 0 ? readsNothing(context, HELD_MS) : readsOn(context, () => getsHis(context)),
});

const getsHis = (context: ScriptContext): Act<void> => (context.index === 1 ? getsMuch(context) : getsReports(context));

function* getsMuch({ agent, words }: ScriptContext): Act<void> {
  const stream = yield* openStream(agent, words('analyst/table', { rows: MANY_ROWS }));
  const { events } = yield* readToEnd(stream);
  yield* expectProgress(events, stream.task);
  const { task } = yield* getTask(agent, stream.task);
  yield* expectWhole(task, MANY_ROWS);
}

function* getsReports({ agent, words }: ScriptContext): Act<void> {
  for (let report = 0; report < REPORTS; report += 1) {
    const { task } = yield* sendMessage(agent, words('analyst/report', { rows: ROWS, gap_ms: 20 }));
    yield* expectWhole(task, ROWS);
    yield* expectChart(task, ROWS);
  }
}
