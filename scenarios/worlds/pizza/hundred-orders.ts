/** A hundred orders, two of each customer at a time, each given one answer after the other: the moments in which orders mix. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { barrier, expect, openStream, sendMessage } from '../../../harness/script/vocabulary.ts';
import { anyWish, expectServed, type Order, readToEnding, receiptOf, type Wish } from './order.ts';

const DEVICES = 2;
const ROUNDS = 5;

export const pizzaHundredOrders = defineScenario({
  name: 'pizza-hundred-orders',
  title: 'Of a hundred orders each gets its own pizza, at its own address, for its own price',
  family: 'worlds',
  needs: ['pizza/order', 'pizza/size', 'pizza/topping', 'pizza/address', 'pizza/receipt'],
  capabilities: ['streaming'],
  identities: true,
  users: 10,
  devices: DEVICES,
  load: { shape: 'closed' },
  mustExercise: ['user-isolation', 'answer-is-mine', 'overlaps/same-user', 'as-expected/order-is-mine'],
  *script(context) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const wish = anyWish(context.random);
      const placed = yield* orderStepByStep(context, wish, round);
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
      if (state !== 'TASK_STATE_COMPLETED') continue;
      const receipt = yield* receiptOf(context, order);
      if (receipt !== undefined) yield* expectServed(wish, order, receipt);
    }
  },
});

/** Both devices of a user are at the same question, so that what one says may be taken for what the other does. */
function* orderStepByStep(
  { agent, user, words }: ScriptContext,
  { size, topping }: Wish,
  round: number,
): Act<{ readonly order: Order; readonly state: string | undefined } | undefined> {
  const together = (question: string): Act<void> => barrier(`${user}/${round}/${question}`, DEVICES);
  yield* together('order');
  const { task } = yield* sendMessage(agent, words('pizza/order', {}));
  if (task === undefined) return undefined;
  const order = { id: task.id, contextId: task.contextId ?? '' };
  const about = { taskId: task.id };
  yield* together('size');
  yield* sendMessage(agent, words('pizza/size', { size }), about);
  yield* together('topping');
  yield* sendMessage(agent, words('pizza/topping', { topping }), about);
  yield* together('address');
  const { state } = yield* readToEnding(yield* openStream(agent, words('pizza/address', {}), about));
  return { order, state };
}
