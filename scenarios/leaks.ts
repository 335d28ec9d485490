/** Users begin something, leave it, and begin again; after each round, when all of it is over, the agent's processes are measured. */
import type { Act, Scenario, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  barrier,
  cancelTask,
  leave,
  measure,
  openStream,
  readToEnd,
  sendMessage,
  subscribe,
} from '../harness/script/vocabulary.ts';

/** Of the answers of one round the fastest counts. */
const ANSWERS = 5;
/** Long enough to be subscribed to before it is over. */
const WORK = { chunks: 6, gap_ms: 15 };

const measured = {
  family: 'concurrent users',
  capabilities: ['streaming'],
  process: 'own',
  measures: true,
  load: { shape: 'closed' },
} as const;

const leakCycles = defineScenario({
  ...measured,
  name: 'leak-cycles',
  title: 'An agent whose users subscribe and leave, or cancel, again and again is in the end as it was before',
  needs: ['slow'],
  users: 8,
  mustExercise: ['no-leak'],
  script: (context) => rounds(context, 9, leaveAndCancel),
});

const leakAsks = defineScenario({
  ...measured,
  name: 'leak-asks',
  title: 'An agent that asks its users, and has no answer again and again, has in the end what it had before',
  needs: ['asks'],
  users: 8,
  mustExercise: ['no-leak'],
  script: (context) => rounds(context, 8, neverAnswer),
});

const leakSoak = defineScenario({
  ...measured,
  name: 'leak-soak',
  title: 'An agent whose users subscribe and leave for long does not grow and grow',
  needs: ['slow'],
  onlyNamed: true,
  users: 12,
  mustExercise: ['no-leak/memory'],
  script: (context) => rounds(context, 40, leaveAndCancel),
});

export const leakScenarios: readonly Scenario[] = [leakCycles, leakAsks, leakSoak];

function* rounds(context: ScriptContext, count: number, begin: (context: ScriptContext) => Act<void>): Act<void> {
  const { agent, say, users, index } = context;
  for (let round = 0; round < count; round += 1) {
    yield* begin(context);
    yield* barrier(`all of round ${round} is over`, users.length);
    if (index === 0) {
      for (let answer = 0; answer < ANSWERS; answer += 1) yield* sendMessage(agent, say.short());
      yield* measure(agent);
    }
    yield* barrier(`round ${round} is measured`, users.length);
  }
}

function* leaveAndCancel({ agent, say }: ScriptContext): Act<void> {
  const stays = yield* openStream(agent, say.slow(WORK));
  if (stays.task !== undefined) yield* leave(yield* subscribe(agent, stays.task));
  yield* readToEnd(stays);
  const cancelled = yield* openStream(agent, say.slow(WORK));
  if (cancelled.task !== undefined) yield* cancelTask(agent, cancelled.task);
  yield* readToEnd(cancelled);
}

function* neverAnswer({ agent, say }: ScriptContext): Act<void> {
  yield* leave(yield* openStream(agent, say.asks()));
}
