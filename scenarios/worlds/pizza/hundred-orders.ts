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
  load: { shape: 'closed' },
  mustExercise: ['user-isolation', 'answer-is-mine', 'overlaps/same-user', 'as-expected/order-is-mine'],
  *script(context) {
    const wish = anyWish(context.random);
    const { order, state } = yield* orderStepByStep(context, wish);
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
): Act<{ readonly order: Order; readonly state: string | undefined }> {
  const asked = yield* sendMessage(agent, words('pizza/order', {}));
  const order = { id: asked.task?.id ?? '', contextId: asked.task?.contextId ?? '' };
  const taskId = order.id;
  yield* barrier(`${user}/size`, DEVICES);
  yield* sendMessage(agent, words('pizza/size', { size }), { taskId });
  yield* barrier(`${user}/topping`, DEVICES);
  yield* sendMessage(agent, words('pizza/topping', { topping }), { taskId });
  yield* barrier(`${user}/address`, DEVICES);
  const { state } = yield* readToEnding(yield* openStream(agent, words('pizza/address', {}), { taskId }));
  return { order, state };
}
