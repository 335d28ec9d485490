/** Users think better of a report while its chart is being drawn: after the first bar, the second, and so on. */
import type { StreamResponse, Task } from '../../../harness/model/a2a.ts';
import type { Act } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  cancelTask,
  expect,
  getTask,
  openStream,
  pause,
  readEvents,
  readToEnd,
  type Stream,
} from '../../../harness/script/vocabulary.ts';
import { artifactOf, disorderOf, rowsOf } from './answers.ts';

const ROWS = 60;
const BARS = 5;
const GAP_MS = 40;
/** Longer than the rest of a chart takes. */
const LATER_MS = 200;

export const cancelMidChart = defineScenario({
  name: 'analyst-cancel-mid-chart',
  title: 'A report that is cancelled while its chart is drawn keeps what was told, and nothing is added to it',
  family: 'worlds',
  needs: ['analyst/report'],
  capabilities: ['streaming'],
  users: 15,
  load: { shape: 'constant', rate_per_s: 60 },
  mustExercise: ['cancel-answers', 'terminal-is-final', 'fold-equals-get', 'as-expected/told-rows-stay'],
  *script({ agent, index, words }) {
    const opened = yield* openStream(agent, words('analyst/report', { rows: ROWS, gap_ms: GAP_MS }));
    const told = [...(yield* readBars(opened, 1 + (index % BARS)))];
    yield* cancelTask(agent, opened.task);
    told.push(...(yield* readToEnd(opened)).events);
    const { task } = yield* getTask(agent, opened.task);
    if (task !== undefined) yield* expectKept(told, task);
    yield* pause(LATER_MS);
    yield* getTask(agent, opened.task);
  },
});

/** Goes on when so many pieces of the chart were told, or there is nothing more to read. */
function* readBars(stream: Stream, bars: number): Act<readonly StreamResponse[]> {
  const told: StreamResponse[] = [];
  while (told.filter(({ artifactUpdate }) => artifactUpdate?.artifact.name === 'chart').length < bars) {
    const { events } = yield* readEvents(stream, 1);
    if (events.length === 0) break;
    told.push(...events);
  }
  return told;
}

/** Whoever cancels keeps what he was told of the table: rows in order, with nothing missing in between. */
function* expectKept(told: readonly StreamResponse[], task: Task): Act<void> {
  const updates = told.flatMap(({ artifactUpdate }) => artifactUpdate?.artifact ?? []);
  const rows = rowsOf(updates.flatMap(({ name, parts }) => (name === 'table' ? (parts[0]?.text ?? '') : '')).join(''));
  const kept = rowsOf(artifactOf(task, 'table'));
  const disorder = disorderOf(kept);
  yield* expect({
    that: 'told-rows-stay',
    title: 'The rows that were told before a cancel stay, once and in order',
    expected: `${rows.length} rows or more`,
    seen: `${kept.length} rows${disorder === undefined ? '' : `, with ${disorder}`}`,
    holds: kept.length >= rows.length && disorder === undefined,
    tasks: [task.id],
  });
}
