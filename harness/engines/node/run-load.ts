/**
 * The embedded engine under load: visits begin when they are due and wait for nobody, and at the in-flight limit they are dropped and
 * told, never queued. What is remembered follows who is there at a time, not how many have come: a load may go on for hours.
 */
import type { LoadPlan } from '../../model/load.ts';
import type { Measures } from '../../model/measurement.ts';
import type { Plan } from '../../model/plan.ts';
import { openStop } from '../../model/stop.ts';
import { type LoadVisit, loadVisits, nextVisit } from '../../plan/load-visits.ts';
import { canaryOf } from '../../plan/random.ts';
import { userName } from '../../plan/visits.ts';
import type { LoadReadBack } from './load-read-back.ts';
import { startMeasuring } from './measuring.ts';
import { openMeeting } from './meeting.ts';
import { startPatience } from './patience.ts';
import { runScript, startPlaces } from './run-script.ts';
import { tellBoth, tellHistory } from './telling.ts';
import { waitFor } from './wait-for.ts';
import type { World } from './world.ts';

export interface LoadOptions {
  readonly plan: Plan & { readonly load: LoadPlan };
  /** From here on visits are due as long as the plan says; milliseconds since the run began. */
  readonly begin_ms: number;
  readonly readBack: LoadReadBack;
  readonly measures: Measures;
  /** Nobody comes any more, and those who are there may finish. */
  readonly onOver: () => void;
}

/** So many visits begin before the answers to others are looked at. */
const BURST = 32;

/** Whether what a user does is written down and judged; otherwise it is only measured. */
export function isWrittenDown(
  { checks, sample_every }: Pick<LoadPlan, 'checks' | 'sample_every'>,
  index: number,
): boolean {
  return checks === 'on' || (checks === 'sample' && index % sample_every === 0);
}

/** Resolves when everybody has left; who has not so long after the last one came is stopped. */
export async function runLoad(world: World, options: LoadOptions): Promise<void> {
  const { plan, begin_ms } = options;
  const { demand } = plan.load;
  const visits = openVisits(world, options);
  if (demand.kind === 'closed') {
    const loops = [...loadVisits(plan)].map((first) => visits.repeat(first, begin_ms + demand.for_ms));
    await Promise.race([Promise.all(loops), waitFor(begin_ms + demand.for_ms - world.clock(), world.signal)]);
  } else await letThemCome(world, options, visits);
  options.onOver();
  await visits.finish();
}

interface Visits {
  /** Drops the visit where there is no room for it. */
  begin(visit: LoadVisit): void;
  /** One visit after the other until this time. */
  repeat(first: LoadVisit, until_ms: number): Promise<void>;
  /** Waits for those who are there, for as long as tasks may take to settle. */
  finish(): Promise<void>;
}

async function letThemCome(world: World, { plan, begin_ms }: LoadOptions, visits: Visits): Promise<void> {
  let begun = 0;
  for (const visit of loadVisits(plan)) {
    const due_ms = begin_ms + visit.after_ms;
    for (
      let early_ms = due_ms - world.clock();
      early_ms > 0 && !world.signal.aborted;
      early_ms = due_ms - world.clock()
    )
      await waitFor(early_ms, world.signal);
    if (world.signal.aborted) return;
    visits.begin(visit);
    begun += 1;
    // Who is behind and only begins would never hear an answer.
    if (begun % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function openVisits(world: World, { plan, begin_ms, readBack, measures }: LoadOptions): Visits {
  const stop = openStop(world.signal);
  const meeting = openMeeting(stop);
  const patience = plan.load.heeds_retry_after ? startPatience() : undefined;
  const { in_flight_max } = plan.limits;
  const { checks } = plan.load;
  let present = 0;
  let onEmpty: (() => void) | undefined;

  const measuring = startMeasuring(world.clock, measures.op);
  const history = tellHistory(world.emit);
  const stopped = { ...world, signal: stop, placeOf: startPlaces(world) };
  /** A history of all holds all numbers; beside one of some, or of nobody, everybody is measured. */
  const written = { ...stopped, telling: checks === 'on' ? history : tellBoth(history, measuring) };
  const measured = { ...stopped, telling: measuring };

  /** One for each user. */
  const canaries = new Map<number, string>();
  const canaryFor = (index: number): string => {
    const canary = canaries.get(index) ?? canaryOf(plan.seed, world.nonce, userName(index));
    canaries.set(index, canary);
    return canary;
  };

  const run = async ({ index, device, after_ms }: LoadVisit): Promise<void> => {
    present += 1;
    const due_ms = round(begin_ms + after_ms);
    const options = { meeting, index, device, due_ms, patience, canary: canaryFor(index), onTask };
    if (checks !== 'on') measures.visit(due_ms, true, index);
    await (isWrittenDown(plan.load, index)
      ? runScript(written, { ...options, onState: readBack.show })
      : runScript(measured, options));
    present -= 1;
    if (present === 0) onEmpty?.();
  };

  return {
    begin(visit) {
      if (present < in_flight_max) void run(visit);
      else {
        const due_ms = round(begin_ms + visit.after_ms);
        if (checks !== 'on') measures.visit(due_ms, false, visit.index);
        if (isWrittenDown(plan.load, visit.index)) {
          world.emit({ type: 'user', phase: 'dropped', user: userName(visit.index), device: visit.device, due_ms });
        }
      }
    },
    async repeat(first, until_ms) {
      for (let visit = first; world.clock() < until_ms && !stop.aborted; ) {
        await run(visit);
        visit = nextVisit(plan, visit, world.clock() - begin_ms);
      }
    },
    async finish() {
      const deadline = setTimeout(stop.stop, plan.policy.settle_ms_max);
      if (present > 0) {
        await new Promise<void>((resolve) => {
          onEmpty = resolve;
        });
      }
      clearTimeout(deadline);
      stop.close();
    },
  };
}

const onTask = (): void => {};
const round = (ms: number): number => Math.round(ms * 1000) / 1000;
