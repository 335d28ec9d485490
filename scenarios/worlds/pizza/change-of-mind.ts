/**
 * A customer changes his mind while his pizza is made: before the oven he may still get another topping, or nothing at all, and from
 * then on he is told that it is too late. Either way he gets what he was told.
 */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { cancelTask, expect, readEvents, sendMessage } from '../../../harness/script/vocabulary.ts';
import { saidIn } from '../said.ts';
import {
  anyWish,
  expectNothing,
  expectServed,
  nameOf,
  orderAtOnce,
  orderOf,
  readToEnding,
  receiptOf,
  TOPPINGS,
} from './order.ts';

const USERS = 12;
/** Who comes in a crowd has his pizza in the oven before he can say a word. */
const ONE_BY_ONE = { shape: 'constant', rate_per_s: 20 } as const;

/** Every other one at once, and the others when some of it was told: being kneaded, in the oven, on its way. */
const eventsFirst = (index: number): number => (index % 2 === 0 ? 0 : 1 + (index % 3));

export const pizzaCancelled = defineScenario({
  name: 'pizza-cancelled',
  title:
    'An order that is cancelled before the oven costs nothing, and one that cannot be cancelled any more is served',
  family: 'worlds',
  needs: ['pizza/order-all', 'pizza/receipt'],
  capabilities: ['streaming'],
  users: USERS,
  load: ONE_BY_ONE,
  mustExercise: ['cancel-answers', 'as-expected/cancelled-is-not-baked', 'as-expected/baked-once'],
  *script(context) {
    const wish = anyWish(context.random);
    const stream = yield* orderAtOnce(context, wish);
    const order = orderOf(stream);
    if (order === undefined) return;
    yield* readEvents(stream, eventsFirst(context.index));
    yield* cancelTask(context.agent, order.id);
    const { state } = yield* readToEnding(stream);
    const receipt = yield* receiptOf(context, order);
    if (receipt === undefined) return;
    if (state === 'TASK_STATE_CANCELED') yield* expectNothing(order, receipt);
    if (state === 'TASK_STATE_COMPLETED') yield* expectServed(wish, order, receipt);
  },
});

export const pizzaChanged = defineScenario({
  name: 'pizza-changed',
  title: 'Who changes his order while it is made gets what he is told that he will get',
  family: 'worlds',
  needs: ['pizza/order-all', 'pizza/change', 'pizza/receipt'],
  capabilities: ['streaming'],
  users: USERS,
  load: ONE_BY_ONE,
  mustExercise: ['as-expected/told-is-baked'],
  *script(context) {
    const { agent, index, random, words } = context;
    const wish = anyWish(random);
    const topping = random.pick(TOPPINGS.filter((other) => other !== wish.topping));
    const stream = yield* orderAtOnce(context, wish);
    const order = orderOf(stream);
    if (order === undefined) return;
    yield* readEvents(stream, eventsFirst(index));
    const about = { contextId: order.contextId, referenceTaskIds: [order.id] };
    const { task } = yield* sendMessage(agent, words('pizza/change', { topping }), about);
    const isChanged = /is changed/.test(saidIn(task));
    const { state } = yield* readToEnding(stream);
    if (state !== 'TASK_STATE_COMPLETED' || task?.status.state !== 'TASK_STATE_COMPLETED') return;
    const receipt = yield* receiptOf(context, order);
    if (receipt === undefined) return;
    const promised = nameOf(isChanged ? { ...wish, topping } : wish);
    yield* expect({
      that: 'told-is-baked',
      title: 'What was told of a change is what was baked',
      expected: `${promised}, for the change was ${isChanged ? 'confirmed' : 'not confirmed'}`,
      seen: `the kitchen has baked: ${receipt.baked.join(' and ')}`,
      holds: receipt.baked.length === 1 && receipt.baked[0] === promised,
      tasks: [order.id, task.id, receipt.task],
    });
  },
});
