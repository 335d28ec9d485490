/** Streams break off in the middle of work, and their users come back for it under the same task id. */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { getTask, openStream, pause, readToEnd, subscribe } from '../harness/script/vocabulary.ts';

const ROUNDS = 9;
/** Each round is three ops that succeed; 20 of them make a rate. */
const OPS_BEFORE = 3 * 25;

export const resumeAfterCut = defineScenario({
  name: 'resume-after-cut',
  title: 'Who comes back to a task after his stream broke off is told all of it, with nothing left out between',
  family: 'recovery',
  needs: ['slow'],
  capabilities: ['streaming'],
  users: 8,
  load: { shape: 'closed' },
  faults: [
    {
      fault: 'cut',
      target: 'agent',
      begins: { after_events: OPS_BEFORE, of: 'ok' },
      for_ms: 500,
      after_events: 3,
      match: { operation: 'SendStreamingMessage' },
    },
  ],
  mustExercise: ['subscribe-complete/after-a-break', 'fold-equals-get', 'no-stuck-task', 'recovers'],
  *script(context) {
    for (let round = 0; round < ROUNDS; round += 1) yield* workAndComeBack(context);
  },
});

function* workAndComeBack({ agent, say }: ScriptContext): Act<void> {
  const opened = yield* openStream(agent, say.slow({ chunks: 8, gap_ms: 20 }));
  const { outcome } = yield* readToEnd(opened);
  if (opened.task === undefined) return;
  if (outcome.type === 'info') {
    // Some of the work is done while nobody reads.
    yield* pause(30);
    const resumed = yield* subscribe(agent, opened.task);
    yield* readToEnd(resumed);
  }
  yield* getTask(agent, opened.task);
}
