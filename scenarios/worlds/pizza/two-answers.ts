/** Two devices of a customer answer each question at once, and not alike: one answer counts, and the other one is for no other question. */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { awaitShared, barrier, expect, sendMessage, share } from '../../../harness/script/vocabulary.ts';
import { nameOf, type Order, receiptOf, SIZES, TOPPINGS } from './order.ts';

const DEVICES = 2;

export const pizzaTwoAnswers = defineScenario({
  name: 'pizza-two-answers',
  title: 'Of two answers to one question one counts, and the other is not taken for the answer to the next',
  family: 'worlds',
  needs: ['pizza/order', 'pizza/size', 'pizza/topping', 'pizza/address', 'pizza/receipt'],
  users: 8,
  devices: DEVICES,
  load: { shape: 'closed' },
  mustExercise: ['overlaps/two-senders', 'as-expected/one-answer-counts', 'as-expected/went-where-told'],
  *script(context) {
    const { agent, user, device, words, random } = context;
    if (device === 0) {
      const { task } = yield* sendMessage(agent, words('pizza/order', {}));
      yield* share(`${user}/order`, task && `${task.id} ${task.contextId}`);
    }
    const [id = '', contextId = ''] = (yield* awaitShared(`${user}/order`)).split(' ');
    // No two say the same, or it could not be told whose answer counted.
    const size = SIZES[(random.between(0, 1) * DEVICES + device) % SIZES.length] ?? '';
    const topping = TOPPINGS[random.between(0, 1) * DEVICES + device] ?? '';
    const answers = { size: words('pizza/size', { size }), topping: words('pizza/topping', { topping }) };
    const address = words('pizza/address', {});
    for (const [question, answer] of [...Object.entries(answers), ['address', address] as const]) {
      const together = { name: `${user}/${question}`, parties: DEVICES };
      yield* sendMessage(agent, answer, { taskId: id, together });
      yield* barrier(`${user}/${question}/said`, DEVICES);
    }
    yield* share(`${user}/${device}`, `${size} ${topping} ${address.token}`);
    if (device === 0) yield* expectOneAnswer(context, { id, contextId });
  },
});

function* expectOneAnswer(context: ScriptContext, order: Order): Act<void> {
  const said: string[][] = [];
  for (let device = 0; device < DEVICES; device += 1)
    said.push((yield* awaitShared(`${context.user}/${device}`)).split(' '));
  const receipt = yield* receiptOf(context, order);
  if (receipt === undefined || receipt.baked.length === 0) return;
  const { baked, delivered } = receipt;
  const choices = said.flatMap(([size = '']) => said.map(([, topping = '']) => nameOf({ size, topping })));
  yield* expect({
    that: 'one-answer-counts',
    title: 'Of what was answered at once one pizza was baked',
    expected: `one of the answers: ${choices.join(', ')}`,
    seen: `the kitchen has baked: ${baked.join(' and ')}`,
    holds: baked.length === 1 && choices.includes(baked[0] ?? ''),
    tasks: [order.id, receipt.task],
  });
  if (delivered.length === 0) return;
  const addresses = said.map(([, , token = '']) => token);
  yield* expect({
    that: 'went-where-told',
    title: 'A pizza was delivered to an address that was given as one',
    expected: 'one of the two addresses',
    seen: `it went to: ${delivered.join(' and ')}`,
    holds: delivered.length === 1 && addresses.some((token) => delivered[0]?.includes(token)),
    tasks: [order.id, receipt.task],
  });
}
