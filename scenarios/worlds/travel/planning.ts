/**
 * What travellers do while all desks are well: plan, all at once, and change their mind while the desks work. A trip that was
 * cancelled holds nothing anywhere, whatever was being booked at that moment.
 */
import { defineScenario } from '../../../harness/script/define-scenario.ts';
import { cancelTask, readEvents } from '../../../harness/script/vocabulary.ts';
import { expectHeldAsTold, expectPlan, planTrip, readToTold } from './trip.ts';

const needs = ['travel/trip', 'travel/holdings'] as const;

export const travelManyTrips = defineScenario({
  name: 'travel-many-trips',
  title: 'Of many trips to the same cities each is told and booked for its own traveller',
  family: 'worlds',
  needs,
  capabilities: ['streaming'],
  users: 10,
  load: { shape: 'constant', rate_per_s: 10 },
  mustExercise: ['user-isolation', 'as-expected/total-adds-up', 'as-expected/told-is-held'],
  *script(context) {
    const told = yield* readToTold(yield* planTrip(context));
    if (told === undefined) return;
    if (told.state === 'TASK_STATE_COMPLETED') yield* expectPlan(told);
    yield* expectHeldAsTold(context, told);
  },
});

export const travelCancelled = defineScenario({
  name: 'travel-cancelled',
  title: 'Of a trip that is cancelled while the desks work nothing stays booked',
  family: 'worlds',
  needs,
  capabilities: ['streaming'],
  users: 8,
  load: { shape: 'constant', rate_per_s: 10 },
  mustExercise: ['cancel-answers', 'as-expected/cancelled-holds-nothing'],
  *script(context) {
    const stream = yield* planTrip(context);
    // At once, or when the first desk has answered, which is the one that books nothing.
    yield* readEvents(stream, context.index % 2);
    yield* cancelTask(context.agent, stream.task);
    const told = yield* readToTold(stream);
    if (told !== undefined) yield* expectHeldAsTold(context, told);
  },
});
