/** One user opens a stream of much to read and reads nothing of it, while others read theirs. */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { pause, sendMessage } from '../harness/script/vocabulary.ts';
import { readsNothing, readsOn } from './slow-stream.ts';

const HELD_MS = 700;

export const slowReader = defineScenario({
  name: 'slow-reader',
  title: 'A user who does not read his stream holds up nobody else',
  family: 'concurrent users',
  needs: ['slow', 'long'],
  capabilities: ['streaming'],
  users: 5,
  load: { shape: 'closed' },
  mustExercise: ['slow-reader'],
  script: (context) =>
    context.index === 0 ? readsNothing(context, HELD_MS) : readsOn(context, () => sendsShort(context)),
});

function* sendsShort({ agent, say }: ScriptContext): Act<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    yield* sendMessage(agent, say.short());
    yield* pause(50);
  }
}
