/** Each report is cut off after another event, from the first to the last but one; its user comes back for the rest, and a colleague sees all. */
import type { Act, FaultPlan, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { awaitShared, getTask, openStream, readToEnd, share, subscribe } from '../../../harness/script/vocabulary.ts';
import { expectChart, expectProgress, expectWhole } from './answers.ts';

const ROWS = 40;
/** The task, a piece and a percentage for each fifth of table and chart, and the end. */
const EVENTS = 1 + 2 * 2 * 5 + 1;
const CUTS = Array.from({ length: EVENTS - 1 }, (_, at) => at + 1);
/** Of the reports some are there before the cuts, and some after. */
const USERS = 8;
const ROUNDS = 5;
/** Long enough to come back for the rest. */
const GAP_MS = 50;

const cutAfter = (after_events: number): FaultPlan => ({
  fault: 'cut',
  target: 'agent',
  begins: { at_ms: 0 },
  for_ms: 10_000,
  after_events,
  match: { operation: 'SendStreamingMessage', nth: after_events },
});

export const cutAnywhere = defineScenario({
  name: 'analyst-cut-anywhere',
  title: 'A report that is cut off at any event is told to its end to whoever comes back for it',
  family: 'worlds',
  needs: ['analyst/report'],
  capabilities: ['streaming'],
  users: USERS,
  devices: 2,
  load: { shape: 'closed' },
  faults: CUTS.map(cutAfter),
  mustExercise: [
    'subscribe-complete/after-a-break',
    'same-story',
    'fold-equals-get',
    'as-expected/rows-in-order',
    'as-expected/sum-is-of-rows',
    'as-expected/chart-can-be-drawn',
    'as-expected/progress-goes-on',
  ],
  *script(context) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `${context.user}/${round}`;
      yield* context.device === 0 ? comesBack(context, name) : watches(context, name);
    }
  },
});

function* comesBack({ agent, words }: ScriptContext, name: string): Act<void> {
  const opened = yield* openStream(agent, words('analyst/report', { rows: ROWS, gap_ms: GAP_MS }));
  yield* share(name, opened.task);
  const { outcome } = yield* readToEnd(opened);
  if (outcome.type === 'info') {
    const resumed = yield* subscribe(agent, opened.task);
    const { events } = yield* readToEnd(resumed);
    yield* expectProgress(events, opened.task);
  }
  const { task } = yield* getTask(agent, opened.task);
  yield* expectWhole(task, ROWS);
  yield* expectChart(task, ROWS);
}

function* watches({ agent }: ScriptContext, name: string): Act<void> {
  const task = yield* awaitShared(name);
  const { events } = yield* readToEnd(yield* subscribe(agent, task));
  yield* expectProgress(events, task);
}
