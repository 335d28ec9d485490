/** Ten colleagues watch one report: they come at any time, some leave and come back, and some were there all the while. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  awaitShared,
  getTask,
  leave,
  openStream,
  pause,
  readEvents,
  readToEnd,
  share,
  subscribe,
} from '../../../harness/script/vocabulary.ts';
import { expectChart, expectProgress, expectWhole } from './answers.ts';

const WATCHERS = 10;
const GAP_MS = 80;
/** While a report takes five gaps. */
const COMES_MS_MAX = 300;
/** Of a report: pieces and percentages. */
const EVENTS_BEFORE_NEXT = 4;
const VISITS = 3;

/** Some with hundreds of rows in a piece, some with a few. */
const rowsFor = (index: number): number => 40 + 400 * index;

export const tenWatchers = defineScenario({
  name: 'analyst-ten-watchers',
  title: 'Ten who watch one report are told one story, and the numbers in it add up',
  family: 'worlds',
  needs: ['analyst/report'],
  capabilities: ['streaming'],
  users: 3,
  devices: 1 + WATCHERS,
  load: { shape: 'closed' },
  mustExercise: [
    'same-story',
    'subscribe-complete',
    'fold-equals-get',
    'overlaps/same-task',
    'as-expected/rows-in-order',
    'as-expected/sum-is-of-rows',
    'as-expected/chart-can-be-drawn',
    'as-expected/progress-goes-on',
  ],
  script: (context) => (context.device === 0 ? asks(context) : watches(context)),
});

/** In the middle of the report of the user before. */
function* asks({ agent, user, index, words }: ScriptContext): Act<void> {
  if (index > 0) yield* awaitShared(`${index - 1} under way`);
  const rows = rowsFor(index);
  const opened = yield* openStream(agent, words('analyst/report', { rows, gap_ms: GAP_MS }));
  yield* share(user, opened.task);
  const { events: beginning } = yield* readEvents(opened, EVENTS_BEFORE_NEXT);
  yield* share(`${index} under way`, opened.task);
  const { events: rest } = yield* readToEnd(opened);
  yield* expectProgress([...beginning, ...rest], opened.task);
  const { task } = yield* getTask(agent, opened.task);
  yield* expectWhole(task, rows);
  yield* expectChart(task, rows);
}

function* watches({ agent, user, device, random }: ScriptContext): Act<void> {
  const task = yield* awaitShared(user);
  yield* pause(random.between(0, COMES_MS_MAX));
  if (device % 3 === 0) {
    for (let visit = 0; visit < VISITS; visit += 1) {
      const stream = yield* subscribe(agent, task);
      yield* readEvents(stream, random.between(1, 3));
      yield* leave(stream);
    }
  }
  const { events } = yield* readToEnd(yield* subscribe(agent, task));
  yield* expectProgress(events, task);
}
