/** A user who does not wait for the answer, and comes back to ask whether it is there. */
import { INTERRUPTED_STATES, TERMINAL_STATES } from '../../harness/model/a2a.ts';
import { defineScenario } from '../../harness/script/define-scenario.ts';
import { getTask, pause, sendMessage } from '../../harness/script/vocabulary.ts';

const WORK = { chunks: 5, gap_ms: 20 };
const LOOKS_MAX = 100;
const BETWEEN_MS = { from: 50, to: 150 };

export const poll = defineScenario({
  name: 'poll',
  title: 'A user asks, does not wait, and looks again and again until the task is over',
  family: 'load',
  needs: ['short'],
  onlyNamed: true,
  users: 20,
  load: { shape: 'constant', rate_per_s: 40 },
  mustExercise: ['terminal-is-final'],
  *script({ agent, say, can, random }) {
    const words = can('slow') ? say.slow(WORK) : say.short();
    let { outcome, task } = yield* sendMessage(agent, words, { returnImmediately: true });
    const id = task?.id;
    for (let look = 0; look < LOOKS_MAX && id !== undefined && outcome.type === 'ok' && !isOver(task); look += 1) {
      yield* pause(random.between(BETWEEN_MS.from, BETWEEN_MS.to));
      ({ outcome, task } = yield* getTask(agent, id));
    }
  },
});

const isOver = (task: { readonly status: { readonly state: string } } | undefined): boolean =>
  task !== undefined && (TERMINAL_STATES.has(task.status.state) || INTERRUPTED_STATES.has(task.status.state));
