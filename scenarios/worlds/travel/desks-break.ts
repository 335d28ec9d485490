/**
 * The desks break one after the other: slow, dead, lying, or cut off when they have booked. Each time the traveller gets what there is,
 * is told what there is not, pays for nothing that he does not have, and holds what he was told, once.
 */
import type { LieName } from '../../../harness/model/lies.ts';
import type { Scenario, ScheduledFault } from '../../../harness/model/scenario.ts';
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { barrier, expect, getTask, pause } from '../../../harness/script/vocabulary.ts';
import { expectHeldAsTold, expectPlan, PARTS, type Part, planTrip, readToTold, type Told } from './trip.ts';

const needs = ['travel/trip', 'travel/holdings'] as const;
const USERS = 4;
/** Time for a fault to be there when the desks are asked. */
const REST_MS = 40;

/** Each desk is broken for one round of trips, and so long that whoever asks it again and again gives up. */
const ROUNDS = PARTS.length;
/** A barrier, a pause, a trip and its end. */
const OPS_EACH_ROUND = 4 * USERS;
const inRound = (index: number) => ({
  // When all have come to the barrier.
  begins: { after_events: index * OPS_EACH_ROUND + USERS, of: 'invoke' } as const,
  for_ms: 500,
});

const SLOW: readonly Part[] = ['hotel', 'weather', 'flight'];

const LIES: Readonly<Record<Part, LieName>> = {
  flight: 'html',
  hotel: 'other-answer',
  restaurant: 'wrong-shape',
  weather: 'other-task',
  calendar: 'unfinished-stream',
};

interface Breakage extends Pick<Scenario, 'name' | 'title'> {
  readonly faults: readonly ScheduledFault[];
  readonly rounds: number;
  readonly exercises: readonly string[];
}

const breakages: readonly Breakage[] = [
  {
    name: 'travel-desks-dead',
    title: 'Whichever desk is dead, what the others told adds up, and what is missing is told',
    faults: PARTS.map((part, index) => ({ fault: 'down', target: `peer-${part}`, ...inRound(index) })),
    rounds: ROUNDS,
    exercises: ['as-expected/total-adds-up', 'as-expected/missing-is-told', 'as-expected/told-is-held'],
  },
  {
    name: 'travel-desks-slow',
    title: 'Whichever desk is too slow is left out of the plan, and whatever it has booked is given back',
    // Until after the time that the assistant gives all desks together, whenever within it this one is asked.
    faults: SLOW.map((part, index) => ({
      fault: 'latency',
      target: `peer-${part}`,
      ...inRound(index),
      for_ms: 850,
      latency_ms: 900,
    })),
    rounds: SLOW.length,
    exercises: ['as-expected/total-adds-up', 'as-expected/missing-is-told', 'as-expected/told-is-held'],
  },
  {
    name: 'travel-desks-lie',
    title: 'Whichever desk lies is not believed, and its lie is in no plan and no total',
    faults: PARTS.map((part, index) => ({
      fault: 'lie',
      target: `peer-${part}`,
      ...inRound(index),
      which: LIES[part],
    })),
    rounds: ROUNDS,
    exercises: ['as-expected/total-adds-up', 'as-expected/missing-is-told', 'as-expected/told-is-held'],
  },
  {
    name: 'travel-booked-once',
    title: 'A room whose booking was lost on its way back is booked once, however often it is asked for',
    // The weather is told first: then rooms are being booked.
    faults: [{ fault: 'down', target: 'peer-hotel', begins: { after_stream_events: USERS + 3 }, for_ms: 40 }],
    rounds: 2,
    exercises: ['as-expected/held-once'],
  },
];

const toScenario = ({ name, title, faults, rounds, exercises }: Breakage): Scenario =>
  defineScenario({
    name,
    title,
    family: 'worlds',
    needs,
    capabilities: ['streaming'],
    users: USERS,
    load: { shape: 'closed' },
    faults,
    mustExercise: [...exercises, 'no-stuck-task'],
    *script(context) {
      const plans: Told[] = [];
      for (let round = 0; round < rounds; round += 1) {
        yield* barrier(`round ${round}`, USERS);
        yield* pause(REST_MS);
        const told = yield* readToTold(yield* planTrip(context));
        if (told !== undefined) plans.push(told);
      }
      // When all is over: a desk that is broken cannot say what it holds.
      for (const told of plans) {
        if (told.state === 'TASK_STATE_COMPLETED') yield* expectPlan(told);
        yield* expectHeldAsTold(context, told);
      }
    },
  });

/** Far more than the assistant gives itself for all desks, and far less than all desks take one after the other. */
const PATIENCE_MS = 2_000;

export const travelInTime = defineScenario({
  name: 'travel-in-time',
  title: 'When the desks are slow at once, nobody waits for the sum of their slowness',
  family: 'worlds',
  needs,
  capabilities: ['streaming'],
  users: 3,
  load: { shape: 'closed' },
  // Who asks one after the other has not come to the last one yet, and a fault that nobody meets proves nothing.
  faults: PARTS.slice(0, -1).map((part) => ({
    fault: 'latency',
    target: `peer-${part}`,
    begins: { at_ms: 0 },
    for_ms: 60_000,
    latency_ms: 350,
  })),
  mustExercise: ['as-expected/answers-in-time'],
  *script(context) {
    const { task } = yield* planTrip(context);
    yield* pause(PATIENCE_MS);
    const read = yield* getTask(context.agent, task);
    if (read.task === undefined) return;
    const { state } = read.task.status;
    yield* expect({
      that: 'answers-in-time',
      title: 'A trip is planned, or is told to have failed, soon after the time for all desks together',
      expected: `a task that is over after ${PATIENCE_MS} ms`,
      seen: state,
      holds: state !== 'TASK_STATE_WORKING' && state !== 'TASK_STATE_SUBMITTED',
      tasks: [task],
    });
  },
});

export const travelBreakages: readonly Scenario[] = [...breakages.map(toScenario), travelInTime];
