/**
 * One user does not read what he asked for, megabytes of it; others get their reports in the meantime, and one of them a table of
 * megabytes, which is whole.
 */
import { TERMINAL_STATES } from '../../../harness/model/a2a.ts';
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  awaitShared,
  barrier,
  cancelTask,
  getTask,
  hold,
  leave,
  letGo,
  openStream,
  pause,
  readEvents,
  readToEnd,
  sendMessage,
  share,
} from '../../../harness/script/vocabulary.ts';
import { expectChart, expectProgress, expectWhole } from './answers.ts';

/** Until all that there is to read has been said, or the agent waits for its reader. */
const LOOKS = 15;
const LOOK_MS = 60;
/** So long at the least the others must have been served beside it. */
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
  script: (context) => (context.index === 0 ? readsNothing(context) : readsOn(context)),
});

function* readsNothing({ agent, say, users }: ScriptContext): Act<void> {
  yield* barrier('others read', users.length);
  const stream = yield* openStream(agent, say.long());
  yield* hold(stream);
  yield* share('held', 'yes');
  for (let look = 0; look < LOOKS && stream.task !== undefined; look += 1) {
    const { task } = yield* getTask(agent, stream.task);
    if (TERMINAL_STATES.has(task?.status.state ?? '')) break;
    yield* pause(LOOK_MS);
  }
  yield* pause(HELD_MS);
  yield* letGo(stream);
  yield* share('let go', 'yes');
}

function* readsOn(context: ScriptContext): Act<void> {
  const { agent, say, users } = context;
  const reading = yield* openStream(agent, say.slow({ chunks: 400, gap_ms: 20 }));
  yield* readEvents(reading, 6);
  yield* barrier('others read', users.length);
  yield* awaitShared('held');
  yield* context.index === 1 ? getsMuch(context) : getsReports(context);
  yield* awaitShared('let go');
  yield* pause(100);
  yield* leave(reading);
  yield* cancelTask(agent, reading.task);
}

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
