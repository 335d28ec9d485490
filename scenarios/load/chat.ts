/** A conversation: what is asked next waits for the answer, and for the time that it takes to read it. */
import { defineScenario } from '../../harness/script/define-scenario.ts';
import { pause, sendMessage } from '../../harness/script/vocabulary.ts';

const TURNS = 3;
const THINKS_MS = { from: 50, to: 250 };

export const chat = defineScenario({
  name: 'chat',
  title: 'A user has a conversation of three turns, and thinks between them',
  family: 'load',
  needs: ['short'],
  onlyNamed: true,
  users: 20,
  load: { shape: 'constant', rate_per_s: 40 },
  mustExercise: ['answer-is-mine'],
  *script({ agent, say, random }) {
    let contextId: string | undefined;
    for (let turn = 0; turn < TURNS; turn += 1) {
      if (turn > 0) yield* pause(random.between(THINKS_MS.from, THINKS_MS.to));
      const { outcome, task, message } = yield* sendMessage(agent, say.short(), contextId ? { contextId } : {});
      if (outcome.type !== 'ok') return;
      contextId ??= task?.contextId ?? message?.contextId;
    }
  },
});
