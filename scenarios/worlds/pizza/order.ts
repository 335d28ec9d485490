/**
 * How customers of the pizza place order and ask for receipts, and what they may expect of one. An order that failed, or whose receipt
 * could not be had, says nothing of what was baked: only what was told is held against what was done.
 */
import type { Act, Random, ScriptContext } from '../../../harness/model/scenario.ts';
import { expect, openStream, readToEnd, type Stream, sendMessage } from '../../../harness/script/vocabulary.ts';
import { saidIn } from '../said.ts';

const PRICES: Readonly<Record<string, number>> = { small: 8, medium: 10, large: 12 };
export const SIZES = Object.keys(PRICES);
export const TOPPINGS = ['olives', 'ham', 'mushrooms', 'anchovies'];

export interface Wish {
  readonly size: string;
  readonly topping: string;
}

export const anyWish = (random: Random): Wish => ({ size: random.pick(SIZES), topping: random.pick(TOPPINGS) });
export const nameOf = ({ size, topping }: Wish): string => `${size} with ${topping}`;

/** An order, by its task. */
export interface Order {
  readonly id: string;
  readonly contextId: string;
}

/** What the kitchen, the delivery and the till say of one order. */
export interface Receipt {
  /** Of the message that asked for it. */
  readonly task: string;
  /** One for each pizza. */
  readonly baked: readonly string[];
  /** One address for each ride. */
  readonly delivered: readonly string[];
  readonly paid: number;
}

/** Says everything at once; goes on when the order is taken. */
export function* orderAtOnce({ agent, words }: ScriptContext, wish: Wish): Act<Stream> {
  return yield* openStream(agent, words('pizza/order-all', { ...wish }));
}

export function orderOf({ events }: Stream): Order | undefined {
  const task = events.find((event) => event.task !== undefined)?.task;
  return task === undefined ? undefined : { id: task.id, contextId: task.contextId ?? '' };
}

/** How an order ended, and what was said on the way. */
export interface Ending {
  readonly state: string | undefined;
  readonly said: readonly string[];
}

export function* readToEnding(stream: Stream): Act<Ending> {
  const { events } = yield* readToEnd(stream);
  const states = events.map(({ task, statusUpdate }) => (statusUpdate ?? task)?.status);
  const said = states.flatMap((status) => status?.message?.parts.map(({ text }) => text ?? '') ?? []);
  return { state: states.at(-1)?.state, said };
}

/** Nothing where it was not told in full. */
export function* receiptOf({ agent, words }: ScriptContext, order: Order): Act<Receipt | undefined> {
  const { contextId, id } = order;
  const { task } = yield* sendMessage(agent, words('pizza/receipt', {}), { contextId, referenceTaskIds: [id] });
  const said = saidIn(task);
  const line = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(said)?.[1];
  const [baked, delivered, paid] = [line('baked'), line('delivered'), line('paid')];
  if (task?.status.state !== 'TASK_STATE_COMPLETED') return undefined;
  const isWhole = baked !== undefined && delivered !== undefined && paid !== undefined;
  yield* expect({
    that: 'has-a-receipt',
    title: 'Who asks for the receipt of his order gets it',
    expected: 'what was baked, delivered and paid',
    seen: said,
    holds: isWhole,
    tasks: [id, task.id],
  });
  if (!isWhole) return undefined;
  return { task: task.id, baked: listOf(baked), delivered: listOf(delivered), paid: Number(paid) };
}

const listOf = (told: string): readonly string[] => (told === 'nothing' ? [] : told.split(' and '));

/** What was baked and paid is the customer's own wish, once. That it went to his address, canaries tell. */
export function* expectServed(wish: Wish, order: Order, { task, baked, delivered, paid }: Receipt): Act<void> {
  const tasks = [order.id, task];
  const [ordered, seen] = [nameOf(wish), baked.join(' and ') || 'nothing'];
  yield* expect({
    that: 'baked-once',
    title: 'An order that was told to be done was baked once',
    expected: 'one pizza',
    seen: `${baked.length} pizzas were baked: ${seen}`,
    holds: baked.length === 1,
    tasks,
  });
  yield* expect({
    that: 'order-is-mine',
    title: 'What was baked is what was ordered',
    expected: `${ordered}, as ordered`,
    seen: `the kitchen has baked: ${seen}`,
    holds: baked.every((pizza) => pizza === ordered),
    tasks,
  });
  yield* expect({
    that: 'delivered-once',
    title: 'An order that was told to be done was delivered once',
    expected: 'one ride',
    seen: `${delivered.length} rides, to ${delivered.join(' and ')}`,
    holds: delivered.length === 1,
    tasks,
  });
  const price = PRICES[wish.size] ?? 0;
  yield* expect({
    that: 'price-is-right',
    title: 'What was paid is the price of what was ordered',
    expected: `${price}, for ${ordered}`,
    seen: `${paid} was paid`,
    holds: paid === price,
    tasks,
  });
}

/** Of an order that was cancelled. */
export function* expectNothing(order: Order, { task, baked, paid }: Receipt): Act<void> {
  yield* expect({
    that: 'cancelled-is-not-baked',
    title: 'Of an order that was cancelled nothing was baked',
    expected: 'nothing was baked',
    seen: `the kitchen has baked: ${baked.join(' and ') || 'nothing'}`,
    holds: baked.length === 0,
    tasks: [order.id, task],
  });
  yield* expect({
    that: 'cancelled-costs-nothing',
    title: 'An order that was cancelled was not paid',
    expected: 'nothing was paid',
    seen: `${paid} was paid`,
    holds: paid === 0,
    tasks: [order.id, task],
  });
}

/** Of an order that was told to have failed; the kitchen may have baked it all the same. */
export function* expectNotPaid(order: Order, { task, baked, paid }: Receipt): Act<void> {
  yield* expect({
    that: 'baked-once',
    title: 'An order is baked once at most',
    expected: 'one pizza, or none',
    seen: `${baked.length} pizzas were baked`,
    holds: baked.length <= 1,
    tasks: [order.id, task],
  });
  yield* expect({
    that: 'failed-costs-nothing',
    title: 'An order that failed was not paid',
    expected: 'nothing was paid',
    seen: `${paid} was paid`,
    holds: paid === 0,
    tasks: [order.id, task],
  });
}
