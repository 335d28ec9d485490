/** The same script over each transport that the agent offers, and tasks that are begun over one and followed over another. */
import type { Transport } from '../harness/model/a2a.ts';
import type { Act, ScriptContext } from '../harness/model/scenario.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  awaitShared,
  cancelTask,
  getTask,
  listTasks,
  openStream,
  over,
  pushConfig,
  readToEnd,
  sendMessage,
  share,
  subscribe,
  transportsOf,
} from '../harness/script/vocabulary.ts';

/** As many as it takes to tell an agent that always says the same over a transport from one that thinks. */
const ROUNDS = 3;

export const transportsAgree = defineScenario({
  name: 'transports-agree',
  title: 'The same script has the same story over every transport, and a task is the same task over all of them',
  family: 'concurrent users',
  needs: ['short'],
  transports: 'all',
  users: 3,
  load: { shape: 'closed' },
  mustExercise: ['transports-agree'],
  *script(context) {
    const { agent, user, users, index } = context;
    const transports = yield* transportsOf(agent);
    let latest: string | undefined;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const transport of fromOn(transports, index + round)) {
        const task = yield* over(transport, talk(context));
        if (task === undefined) continue;
        latest = task;
        yield* readOverAll(agent, task, fromOn(transports, transports.indexOf(transport)));
        yield* over(transport, tryOnFinished(context, task));
      }
    }
    // Last, for an agent that answers with messages has no tasks to share.
    yield* share(user, latest);
    const foreign = yield* awaitShared(users[(index + 1) % users.length] ?? user);
    for (const transport of transports) {
      yield* over(transport, getTask(agent, foreign));
      yield* over(transport, cancelTask(agent, foreign));
    }
  },
});

/** Talks once, and makes the mistakes that take no task. Gives the task that was made, if there was one. */
function* talk({ agent, say, random }: ScriptContext): Act<string | undefined> {
  const { task, outcome } = yield* sendMessage(agent, say.short());
  const stream = yield* openStream(agent, say.short());
  yield* readToEnd(stream);
  yield* getTask(agent, random.uuid());
  yield* cancelTask(agent, random.uuid());
  yield* subscribe(agent, random.uuid());
  yield* sendMessage(agent, say.short(), { taskId: random.uuid() });
  yield* listTasks(agent, { contextId: task?.contextId ?? random.uuid() });
  return outcome.type === 'ok' ? task?.id : undefined;
}

function* tryOnFinished({ agent, say, user }: ScriptContext, task: string): Act<void> {
  yield* cancelTask(agent, task);
  yield* subscribe(agent, task);
  yield* sendMessage(agent, say.short(), { taskId: task });
  yield* pushConfig(agent, 'ListTaskPushNotificationConfigs', task, `of-${user}`);
}

/** Over the first once more in the end: what has changed meanwhile has changed over all. */
function* readOverAll(agent: string, task: string, transports: readonly Transport[]): Act<void> {
  for (const transport of [...transports, ...transports.slice(0, 1)]) yield* over(transport, getTask(agent, task));
}

export const transportsMixed = defineScenario({
  name: 'transports-mixed',
  title: 'A task that was begun over one transport is followed, cancelled and read over the others',
  family: 'concurrent users',
  needs: ['slow'],
  capabilities: ['streaming'],
  transports: 'all',
  users: 6,
  load: { shape: 'closed' },
  mustExercise: ['transports-agree', 'fold-equals-get'],
  *script({ agent, index, say, random }) {
    const transports = yield* transportsOf(agent);
    for (const first of fromOn(transports, index)) {
      const [, second = first, third = second] = fromOn(transports, transports.indexOf(first));
      const stream = yield* over(first, openStream(agent, say.slow({ chunks: 4, gap_ms: 20 })));
      const follower = yield* over(second, subscribe(agent, stream.task));
      if (random.between(0, 1) === 1) yield* over(third, cancelTask(agent, stream.task));
      yield* readToEnd(follower);
      yield* readToEnd(stream);
      if (stream.task !== undefined) yield* readOverAll(agent, stream.task, [third, second, first]);
    }
  },
});

/** All of them, beginning with the nth. */
const fromOn = (transports: readonly Transport[], nth: number): readonly Transport[] =>
  transports.map((_, place) => transports[(nth + place) % transports.length]).filter((each) => each !== undefined);
