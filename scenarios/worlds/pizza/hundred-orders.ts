/** A hundred orders at once, two of each customer, each given one answer at a time: the moments in which orders mix. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { barrier, expect, openStream, sendMessage } from '../../../harness/script/vocabulary.ts';
import { anyWish, expectServed, type Order, readToEnding, receiptOf, type Wish } from './order.ts';

const DEVICES = 2;

export const pizzaHundredOrders = defineScenario({
  name: 'pizza-hundred-orders',
  title: 'Of a hundred orders each gets its own pizza, at its own address, for its own price',
  family: 'worlds',
  needs: ['pizza/order', 'pizza/size', 'pizza/topping', 'pizza/address', 'pizza/receipt'],
  capabilities: ['streaming'],
  identities: true,
  users: 50,
  devices: DEVICES,
  load: { shape: 'constant', rate_per_s: 100 },
  mustExercise: ['user-isolation', 'answer-is-mine', 'overlaps/same-user', 'as-expected/order-is-mine'],
  *script(context) {
    const wish = anyWish(context.random);
    const placed = yield* orderStepByStep(context, wish);
    if (placed === undefined) return;
    const { order, state } = placed;
    yield* expect({
      that: 'asked-no-more',
      title: 'Who has answered every question is asked no more',
      expected: 'an order that is done, or that has failed',
      seen: `${state}`,
      holds: state !== 'TASK_STATE_INPUT_REQUIRED',
      tasks: [order.id],
    });
    if (state !== 'TASK_STATE_COMPLETED') return;
    const receipt = yield* receiptOf(context, order);
    if (receipt !== undefined) yield* expectServed(wish, order, receipt);
  },
});

/** Both devices of a user are at the same question, so that what one says may be taken for what the other does. */
function* orderStepByStep(
  { agent, user, words }: ScriptContext,
  { size, topping }: Wish,
): Act<{ readonly order: Order; readonly state: string | undefined } | undefined> {
  const asked = yield* sendMessage(agent, words('pizza/order', {}));
  if (asked.task === undefined) return undefined;
  const { id: taskId, contextId = '' } = asked.task;
  const order = { id: taskId, contextId };
  yield* barrier(`${user}/size`, DEVICES);
  yield* sendMessage(agent, words('pizza/size', { size }), { taskId });
  yield* barrier(`${user}/topping`, DEVICES);
  yield* sendMessage(agent, words('pizza/topping', { topping }), { taskId });
  yield* barrier(`${user}/address`, DEVICES);
  const { state } = yield* readToEnding(yield* openStream(agent, words('pizza/address', {}), { taskId }));
  return { order, state };
}
