/**
 * A user loses his connection after the first event of a report, another one after the second, and so on to the last; each comes back for
 * the rest, and loses it again after as many events. A colleague of each sees all of it, uninterrupted.
 */
import { TERMINAL_STATES } from '../../../harness/model/a2a.ts';
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  awaitShared,
  getTask,
  leave,
  openStream,
  readEvents,
  readToEnd,
  type Stream,
  share,
  subscribe,
} from '../../../harness/script/vocabulary.ts';
import { expectChart, expectProgress, expectWhole } from './answers.ts';

const ROWS = 40;
/** Long enough to come back for the rest. */
const GAP_MS = 50;
/** The task, a piece and a percentage for each fifth of table and chart, and the end: one cut less than that. */
const CUTS = 1 + 2 * 2 * 5;
const USERS = 7;
const ROUNDS = CUTS / USERS;

export const cutAnywhere = defineScenario({
  name: 'analyst-cut-anywhere',
  title: 'A report that is cut off at any event is told to its end to whoever comes back for it',
  family: 'worlds',
  needs: ['analyst/report'],
  capabilities: ['streaming'],
  users: USERS,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: [
    'subscribe-complete',
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
      if (context.device === 1) yield* watches(context, name);
      else yield* losesLine(context, name, 1 + (context.index % USERS) + round * USERS);
    }
  },
});

function* losesLine({ agent, words }: ScriptContext, name: string, events: number): Act<void> {
  const opened = yield* openStream(agent, words('analyst/report', { rows: ROWS, gap_ms: GAP_MS }));
  yield* share(name, opened.task);
  yield* readEvents(opened, events - 1);
  yield* leave(opened);
  let isOver = false;
  for (let visit = 0; visit < CUTS && !isOver; visit += 1) {
    const back = yield* subscribe(agent, opened.task);
    const { events: told } = yield* readEvents(back, events);
    isOver = told.length < events || endsIn(told);
    yield* leave(back);
  }
  const { task } = yield* getTask(agent, opened.task);
  yield* expectWhole(task, ROWS);
  yield* expectChart(task, ROWS);
}

const endsIn = (events: Stream['events']): boolean =>
  TERMINAL_STATES.has(events.at(-1)?.statusUpdate?.status.state ?? '');

function* watches({ agent }: ScriptContext, name: string): Act<void> {
  const task = yield* awaitShared(name);
  const { events } = yield* readToEnd(yield* subscribe(agent, task));
  yield* expectProgress(events, task);
}
