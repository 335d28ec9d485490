/**
 * The kitchen or the delivery breaks while orders are with it. Whatever gets lost between them and the order taker, no order is baked
 * or delivered twice, and who is told that there will be no pizza does not pay for one.
 */
import type { Act, Scenario, ScheduledFault, ScriptContext } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { expect, pause } from '../../../harness/script/vocabulary.ts';
import {
  anyWish,
  type Ending,
  expectNotPaid,
  expectServed,
  type Order,
  orderAtOnce,
  orderOf,
  readToEnding,
  receiptOf,
  type Wish,
} from './order.ts';

const RETRY_MS = 100;

interface Breakage {
  readonly name: string;
  readonly title: string;
  readonly faults: readonly ScheduledFault[];
  readonly orders: number;
  readonly exercises: readonly string[];
}

const breakages: readonly Breakage[] = [
  {
    name: 'pizza-kitchen-down',
    title:
      'While the kitchen is down nobody pays for a pizza that he does not get, and afterwards there is pizza again',
    // Longer than the order taker asks again.
    faults: [{ fault: 'down', target: 'peer-kitchen', begins: { after_stream_events: 12 }, for_ms: 700 }],
    orders: 4,
    exercises: ['as-expected/failed-costs-nothing', 'as-expected/baked-once'],
  },
  {
    name: 'pizza-kitchen-cut',
    title:
      'An order whose kitchen loses the line while it bakes is baked once, however often the kitchen is asked again',
    // The kitchen says that it has begun, and then the line is gone; not for so long that the order taker would give up.
    faults: [
      { fault: 'cut', target: 'peer-kitchen', begins: { after_stream_events: 1 }, for_ms: 300, after_events: 1 },
    ],
    orders: 1,
    exercises: ['as-expected/baked-once'],
  },
  {
    name: 'pizza-delivery-late',
    title: 'A pizza that comes late comes once, and its customer is told that it is late',
    faults: [{ fault: 'latency', target: 'peer-delivery', begins: { at_ms: 0 }, for_ms: 60_000, latency_ms: 150 }],
    orders: 1,
    exercises: ['as-expected/delivered-once', 'as-expected/told-that-it-is-late'],
  },
];

const toScenario = ({ name, title, faults, orders, exercises }: Breakage): Scenario =>
  defineScenario({
    name,
    title,
    family: 'worlds',
    needs: ['pizza/order-all', 'pizza/receipt'],
    capabilities: ['streaming'],
    users: 8,
    load: { shape: 'closed' },
    faults,
    mustExercise: [...exercises, 'no-stuck-task'],
    *script(context) {
      const ended: Ended[] = [];
      for (let number = 0; number < orders; number += 1) ended.push(...(yield* orderToTheEnd(context)));
      // When all is over: while the kitchen is down nobody can say what it baked.
      for (const one of ended) yield* expectAsTold(context, one);
    },
  });

export const pizzaBreakages: readonly Scenario[] = breakages.map(toScenario);

interface Ended extends Ending {
  readonly wish: Wish;
  readonly order: Order;
}

function* orderToTheEnd(context: ScriptContext): Act<readonly Ended[]> {
  const wish = anyWish(context.random);
  const stream = yield* orderAtOnce(context, wish);
  const order = orderOf(stream);
  const ending = yield* readToEnding(stream);
  if (ending.state !== 'TASK_STATE_COMPLETED') yield* pause(RETRY_MS);
  return order === undefined ? [] : [{ wish, order, ...ending }];
}

function* expectAsTold(context: ScriptContext, { wish, order, state, said }: Ended): Act<void> {
  const receipt = yield* receiptOf(context, order);
  if (receipt === undefined) return;
  // Whether he had to be told nobody knows who has no clock; that it came to that is to be shown.
  const isTold = said.some((sentence) => sentence.includes('is late'));
  if (isTold) {
    yield* expect({
      that: 'told-that-it-is-late',
      title: 'Who waits for a late pizza is told so',
      expected: 'a word from the order taker',
      seen: said.join(' '),
      holds: true,
      tasks: [order.id],
    });
  }
  if (state === 'TASK_STATE_COMPLETED') yield* expectServed(wish, order, receipt);
  if (state === 'TASK_STATE_FAILED') yield* expectNotPaid(order, receipt);
}
