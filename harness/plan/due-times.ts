/**
 * When the users of a load are due, one after the other: a load may have millions of them, so they are never listed. They follow from the
 * demand and the seed alone, so that every shard and every engine counts the same arrivals at the same times.
 */
import type { Demand, LoadStage } from '../model/load.ts';
import { forkRandom } from './random.ts';

/** Milliseconds after the load begins, ascending. Of a closed load only those who begin are known beforehand: all of them at once. */
export function* dueTimes(demand: Demand, seed: number): Generator<number, void, undefined> {
  if (demand.kind === 'closed') {
    for (let loop = 0; loop < demand.at_once; loop += 1) yield 0;
    return;
  }
  const due = startInverse(demand.stages);
  const place = demand.arrivals === 'even' ? evenly() : poisson(seed);
  for (;;) {
    const due_ms = due(place());
    if (due_ms === undefined) return;
    yield due_ms;
  }
}

/** How many arrivals the stages bring: with even arrivals to the next whole one, with Poisson ones in the mean. */
export function arrivalsIn(stages: readonly LoadStage[]): number {
  return stages.reduce((sum, stage) => sum + countOf(stage), 0);
}

export function lengthOf(demand: Demand): number {
  return demand.kind === 'closed' ? demand.for_ms : demand.stages.reduce((sum, { for_ms }) => sum + for_ms, 0);
}

/** Sums of rates are rarely exact: what is no more than this is no arrival of its own. */
const TINY = 1e-6;

function evenly(): () => number {
  let place = -1;
  return () => {
    place += 1;
    return place;
  };
}

/** Unit exponentials, added up: at a rate of one per second the places of a Poisson process. */
function poisson(seed: number): () => number {
  const random = forkRandom(seed, 'arrivals');
  const DRAWS = 2 ** 30;
  let place = 0;
  return () => {
    place -= Math.log((random.between(0, DRAWS - 1) + 1) / DRAWS);
    return place;
  };
}

const countOf = ({ from_per_s, to_per_s, for_ms }: LoadStage): number =>
  (((from_per_s + to_per_s) / 2) * for_ms) / 1000;

/** From places that ascend to the times at which so many have come; nothing when the stages do not bring so many. */
function startInverse(stages: readonly LoadStage[]): (place: number) => number | undefined {
  let index = 0;
  let begun_ms = 0;
  let before = 0;
  return (place) => {
    for (let stage = stages[index]; stage !== undefined; stage = stages[index]) {
      const count = countOf(stage);
      if (place - before < count - TINY) return round(begun_ms + timeIn(stage, Math.max(0, place - before)));
      before += count;
      begun_ms += stage.for_ms;
      index += 1;
    }
    return undefined;
  };
}

/** The rate is linear in time, so the number of arrivals is quadratic in it: n(t) = from·t + (to − from)·t² / 2T. */
function timeIn({ from_per_s: from, to_per_s: to, for_ms }: LoadStage, count: number): number {
  if (count === 0) return 0;
  const slope = (to - from) / (for_ms / 1000);
  // Solved for t in the form that neither divides by a slope of nearly nothing nor cancels digits out.
  const due_ms = (2000 * count) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * count)));
  return Math.min(due_ms, for_ms);
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
