/**
 * How travellers plan a trip, and what they may expect of what they were told: that it adds up, that it is held for them, and that
 * nothing else is. Where the assistant itself says that it could not make sure of a desk, nothing is held against it.
 */
import type { Act, ScriptContext } from '../../../harness/model/scenario.ts';
import { expect, openStream, readToEnd, type Stream, sendMessage } from '../../../harness/script/vocabulary.ts';
import { saidIn, textOf } from '../said.ts';

export const PARTS = ['flight', 'hotel', 'restaurant', 'weather', 'calendar'] as const;
export type Part = (typeof PARTS)[number];

/** All alike, so that what is remembered by city is remembered for others. */
const CITIES = ['Rome', 'Lisbon'];

export interface Trip {
  readonly id: string;
  readonly contextId: string;
}

/** What was told of a trip when it was over. */
export interface Told {
  readonly trip: Trip;
  readonly state: string | undefined;
  readonly text: string;
}

export function* planTrip({ agent, words, random }: ScriptContext): Act<Stream> {
  const wish = { city: random.pick(CITIES), nights: random.between(1, 9) };
  return yield* openStream(agent, words('travel/trip', wish));
}

export const tripOf = ({ events }: Stream): Trip | undefined => {
  const task = events.find((event) => event.task !== undefined)?.task;
  return task === undefined ? undefined : { id: task.id, contextId: task.contextId ?? '' };
};

/** Reads on until all is told. */
export function* readToTold(stream: Stream): Act<Told | undefined> {
  const trip = tripOf(stream);
  const { events } = yield* readToEnd(stream);
  if (trip === undefined) return undefined;
  const parts = events.flatMap(({ artifactUpdate, statusUpdate }) => [
    ...(artifactUpdate?.artifact.parts ?? []),
    ...(statusUpdate?.status.message?.parts ?? []),
  ]);
  return { trip, state: events.at(-1)?.statusUpdate?.status.state, text: textOf(parts) };
}

/** Each price that was told, by part. Parts without a price cost nothing. */
const pricesIn = (text: string): ReadonlyMap<string, number> =>
  new Map(
    [...text.matchAll(/^(\w+) in \w+ for \S+: (.+)$/gm)].map(([, part = '', told = '']) => [part, Number(told) || 0]),
  );

const missingIn = (text: string): readonly string[] =>
  [...text.matchAll(/^missing: (\w+)/gm)].map(([, part = '']) => part);

/** Of a plan that was told as done, in whole or in part. */
export function* expectPlan({ trip, text }: Told): Act<void> {
  const prices = pricesIn(text);
  const missing = missingIn(text);
  const sum = [...prices.values()].reduce((total, price) => total + price, 0);
  const total = /^total: (\d+)$/m.exec(text)?.[1];
  yield* expect({
    that: 'total-adds-up',
    title: 'The total of a trip is the sum of the prices that were told',
    expected: `${sum}, for ${[...prices].map(([part, price]) => `${part} ${price}`).join(', ')}`,
    seen: `a total of ${total}${missing.length === 0 ? '' : `, with ${missing.join(' and ')} told to be missing`}`,
    holds: Number(total) === sum,
    tasks: [trip.id],
  });
  const absent = PARTS.filter((part) => !prices.has(part));
  if (absent.length === 0) return;
  const silent = absent.filter((part) => !missing.includes(part));
  yield* expect({
    that: 'missing-is-told',
    title: 'A traveller is told what his trip lacks',
    expected: `the plan says that it lacks ${absent.join(' and ')}`,
    seen:
      silent.length === 0
        ? 'each is told to be missing'
        : `"${text.trim()}", which does not say that it lacks ${silent.join(' and ')}`,
    holds: silent.length === 0,
    tasks: [trip.id],
  });
}

interface Holdings {
  /** Of the message that asked for them. */
  readonly task: string;
  /** The prices of what each desk holds. */
  readonly by: ReadonlyMap<Part, readonly string[]>;
}

/** Nothing where not all desks could be asked. */
export function* holdingsOf({ agent, words }: ScriptContext, trip: Trip): Act<Holdings | undefined> {
  const about = { contextId: trip.contextId, referenceTaskIds: [trip.id] };
  const { task } = yield* sendMessage(agent, words('travel/holdings', {}), about);
  const said = saidIn(task);
  const holdings = new Map<Part, readonly string[]>();
  for (const part of PARTS) {
    const held = new RegExp(`^${part}: (.+)$`, 'm').exec(said)?.[1];
    if (held === undefined) return undefined;
    holdings.set(part, held === 'nothing' ? [] : held.split(' and '));
  }
  return task && { task: task.id, by: holdings };
}

/** Whatever was told of a trip is what the desks hold. */
export function* expectHeldAsTold(context: ScriptContext, { trip, state, text }: Told): Act<void> {
  const asked = yield* holdingsOf(context, trip);
  if (asked === undefined) return;
  const holdings = asked.by;
  const tasks = [trip.id, asked.task];
  const isKnown = (part: Part): boolean => !new RegExp(`not booked: .*\\b${part}\\b`).test(text);
  const told = state === 'TASK_STATE_COMPLETED' ? pricesIn(text) : new Map<string, number>();
  const held = PARTS.filter((part) => part !== 'weather' && isKnown(part));
  const describe = (part: Part): string => `${part} ${holdings.get(part)?.join(' and ') || 'nothing'}`;
  const twice = held.filter((part) => (holdings.get(part)?.length ?? 0) > 1);
  yield* expect({
    that: 'held-once',
    title: 'No desk holds more than one booking for a trip',
    expected: 'one booking, or none',
    seen: twice.length === 0 ? 'no desk holds more' : twice.map(describe).join('; '),
    holds: twice.length === 0,
    tasks,
  });
  if (state !== 'TASK_STATE_COMPLETED') {
    const left = held.filter((part) => (holdings.get(part)?.length ?? 0) > 0);
    const ending = state === 'TASK_STATE_CANCELED' ? 'cancelled' : 'failed';
    yield* expect({
      that: `${ending}-holds-nothing`,
      title: `Of a trip that was ${ending} no desk holds anything`,
      expected: 'nothing',
      seen: left.length === 0 ? 'nothing' : left.map(describe).join('; '),
      holds: left.length === 0,
      tasks,
    });
    return;
  }
  const otherwise = held.filter((part) => told.has(part) !== (holdings.get(part) ?? []).includes(`${told.get(part)}`));
  yield* expect({
    that: 'told-is-held',
    title: 'What was told of a trip is what the desks hold for it',
    expected: `${[...told].map(([part, price]) => `${part} ${price}`).join(', ')}, and nothing else`,
    seen: otherwise.length === 0 ? 'the same' : otherwise.map(describe).join('; '),
    holds: otherwise.length === 0,
    tasks,
  });
}
