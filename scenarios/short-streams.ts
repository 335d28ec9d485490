/**
 * What is said shortly, as streams, followed and cancelled: all that an agent can be asked of these for whom nobody knows words that
 * make it slow. One that answers at once is over before anybody follows it, and says so.
 */
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  barrier,
  cancelTask,
  getTask,
  openStream,
  pause,
  readToEnd,
  sendMessage,
  subscribe,
} from '../harness/script/vocabulary.ts';

const OFFSET_MS_MAX = 30;

export const shortStreams = defineScenario({
  name: 'short-streams',
  title: 'A short answer comes as a stream like a long one, to its end, whoever follows or cancels others beside it',
  family: 'concurrent users',
  needs: ['short'],
  capabilities: ['streaming'],
  users: 10,
  load: { shape: 'closed' },
  mustExercise: ['stream-shape', 'answer-is-mine'],
  *script(context) {
    const { agent, users, say } = context;
    yield* barrier('all', users.length);
    const stream = yield* openStream(agent, say.short());
    yield* readToEnd(stream);
    if (stream.task !== undefined) yield* getTask(agent, stream.task);
    yield* follow(context);
    yield* takeBack(context);
  },
});

function* follow({ agent, say }: ScriptContext): Act<void> {
  const { task } = yield* sendMessage(agent, say.short(), { returnImmediately: true });
  if (task === undefined) return;
  const stream = yield* subscribe(agent, task.id);
  yield* readToEnd(stream);
  yield* getTask(agent, task.id);
}

function* takeBack({ agent, say, random }: ScriptContext): Act<void> {
  const { task } = yield* sendMessage(agent, say.short(), { returnImmediately: true });
  if (task === undefined) return;
  yield* pause(random.between(0, OFFSET_MS_MAX));
  yield* cancelTask(agent, task.id);
  yield* getTask(agent, task.id);
}
