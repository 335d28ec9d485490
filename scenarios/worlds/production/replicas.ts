/** A task that one replica is at is watched, and cancelled, at the other one: behind a balancer nobody chooses whom he asks. */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import {
  awaitShared,
  cancelTask,
  expect,
  getTask,
  openStream,
  readToEnd,
  type Stream,
  share,
  subscribe,
} from '../../../harness/script/vocabulary.ts';
import { saidIn, textOf } from '../said.ts';

const PIECES = 6;

export const productionReplicas = defineScenario({
  name: 'production-replicas',
  title: 'A task at one replica is watched and cancelled at the other',
  family: 'worlds',
  needs: ['production/deposit', 'slow'],
  capabilities: ['streaming'],
  servers: 2,
  users: 5,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: ['as-expected/told-at-the-other', 'as-expected/cancelled-at-the-other'],
  *script({ servers, user, device, say }) {
    const [here = '', there = ''] = servers;
    if (device === 0) {
      const watched = yield* openStream(here, say.slow({ chunks: PIECES, gap_ms: 25 }));
      yield* share(`${user} watched`, watched.task);
      yield* readToEnd(watched);
      const endless = yield* openStream(here, say.slow({ chunks: 100, gap_ms: 20 }));
      yield* share(`${user} endless`, endless.task);
      const { outcome, events } = yield* readToEnd(endless);
      if (outcome.type !== 'ok') return;
      const seen = lastState(events);
      yield* expect({
        that: 'cancelled-at-the-other',
        title: 'Who watches a task is told that it was cancelled at another replica',
        expected: 'TASK_STATE_CANCELED',
        seen,
        holds: seen === 'TASK_STATE_CANCELED',
        tasks: [endless.task],
      });
      return;
    }
    const task = yield* awaitShared(`${user} watched`);
    const opened = yield* subscribe(there, task);
    const late = yield* readToEnd(opened);
    const whole = yield* getTask(there, task);
    if (late.outcome.type === 'ok' && whole.outcome.type === 'ok') {
      const [expected, seen] = [saidIn(whole.task), saidIn(opened.events[0]?.task) + piecesOf(late)];
      yield* expect({
        that: 'told-at-the-other',
        title: 'Who subscribes at another replica is told all that is said',
        expected,
        seen,
        holds: seen === expected,
        tasks: [task],
      });
    }
    yield* cancelTask(there, yield* awaitShared(`${user} endless`));
  },
});

const lastState = (events: Stream['events']): string => {
  const last = events.at(-1);
  return last?.statusUpdate?.status.state ?? last?.task?.status.state ?? 'no state';
};

const piecesOf = ({ events }: Stream): string =>
  textOf(events.flatMap(({ artifactUpdate }) => artifactUpdate?.artifact.parts ?? []));
