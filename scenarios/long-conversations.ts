/** Users talk for long, each from two devices in one conversation, while others do the same in theirs. */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { type Answer, awaitShared, barrier, getTask, sendMessage, share } from '../harness/script/vocabulary.ts';

const TURNS = 12;

const contextOf = ({ task, message }: Answer): string | undefined => task?.contextId ?? message?.contextId;

/** Both devices of a user learn the context of what his first one says; an agent that names none is given one. */
function* beginConversation({ agent, user, device, say, random }: ScriptContext): Act<string> {
  if (device === 0) yield* share(user, contextOf(yield* sendMessage(agent, say.short())) ?? random.uuid());
  return yield* awaitShared(user);
}

export const longConversations = defineScenario({
  name: 'long-conversations',
  title:
    'In a long conversation from two devices every answer is to its own question, and nothing comes from anybody else',
  family: 'concurrent users',
  needs: ['short'],
  users: 10,
  devices: 2,
  load: { shape: 'closed' },
  mustExercise: ['overlaps/same-context', 'overlaps/all', 'answer-is-mine', 'user-isolation'],
  *script(context) {
    const { agent, user, say } = context;
    const contextId = yield* beginConversation(context);
    for (let turn = 0; turn < TURNS; turn += 1) {
      yield* sendMessage(agent, say.short(), { contextId, together: { name: `${user}/${turn}`, parties: 2 } });
    }
  },
});

export const longMemories = defineScenario({
  name: 'long-memories',
  title: 'Many users ask in the same words what they told before, and each is told what he told himself',
  family: 'concurrent users',
  needs: ['short', 'remembers', 'recalls'],
  users: 10,
  load: { shape: 'closed' },
  mustExercise: ['overlaps/together', 'user-isolation', 'answer-is-mine'],
  *script(context) {
    const { agent, users, say } = context;
    const contextId = yield* beginConversation(context);
    for (let turn = 0; turn < TURNS / 2; turn += 1) {
      yield* sendMessage(agent, say.remembers(), { contextId });
      const together = { name: `recall ${turn}`, parties: users.length };
      const { task } = yield* sendMessage(agent, say.recalls(), { contextId, together });
      if (turn % 3 === 0 && task) yield* getTask(agent, task.id);
    }
    yield* barrier('over', users.length);
  },
});
