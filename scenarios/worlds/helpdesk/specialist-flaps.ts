/**
 * The specialist for networks comes and goes. While he is away his problems wait for a person, once he is back he is asked again, and who has
 * another problem notices nothing.
 */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { expect, pause, sendMessage } from '../../../harness/script/vocabulary.ts';
import { saidIn } from '../said.ts';
import { help, problemAt, told } from './problems.ts';

const ROUNDS = 7;
/** Long after the last outage is over. */
const TRIES_MAX = 40;
const BETWEEN_MS = 60;
const NETWORK = 0;
const HARDWARE = 6;

export const helpdeskSpecialistFlaps = defineScenario({
  name: 'helpdesk-specialist-flaps',
  title: 'A specialist who comes and goes is asked again each time, and the other desks go on as ever',
  family: 'worlds',
  needs: ['helpdesk/ask', 'helpdesk/ask-network'],
  users: 6,
  load: { shape: 'closed' },
  faults: [
    {
      fault: 'down',
      target: 'peer-network',
      begins: { after_events: 8, of: 'ok' },
      for_ms: 300,
      times: 2,
      every_ms: 600,
    },
  ],
  mustExercise: ['recovers', 'answers-anyway', 'retries-bounded', 'as-expected/others-go-on'],
  *script(context) {
    if (context.index % 2 === 0) yield* askNetwork(context);
    else yield* goOn(context);
  },
});

/** Until he has been back for good. */
function* askNetwork({ agent, words }: ScriptContext): Act<void> {
  const { problem, advice } = problemAt(NETWORK);
  for (let round = 0; round < TRIES_MAX; round += 1) {
    const { task } = yield* sendMessage(agent, words('helpdesk/ask-network', { problem, priority: 'low' }));
    yield* pause(BETWEEN_MS);
    if (round >= ROUNDS && saidIn(task).startsWith(`${advice}, for `)) break;
  }
}

function* goOn({ agent, words }: ScriptContext): Act<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { problem, advice } = problemAt(HARDWARE + (round % 2));
    const { outcome, task } = yield* sendMessage(agent, help(words, problem));
    yield* pause(BETWEEN_MS);
    if (outcome.type !== 'ok') continue;
    yield* expect({
      that: 'others-go-on',
      title: 'While one specialist is away the others are asked as ever',
      expected: `"${advice}"`,
      seen: told(task),
      holds: saidIn(task).startsWith(`${advice}, for `),
      tasks: [task?.id],
    });
  }
}
