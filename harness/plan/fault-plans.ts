/**
 * The faults of a scenario become those of its plan: repeated ones are written out one by one, and a swarm is drawn from the
 * seed, so that the plan tells exactly what will be done. A draw depends on its place in the swarm alone: one more fault at the
 * end of it changes nothing for the others.
 */
import { PROCESS_FAULTS } from '../model/fault-kinds.ts';
import type { FaultName, FaultPlan, Scenario, ScheduledFault, Swarm } from '../model/scenario.ts';
import { forkRandom } from './random.ts';

const PROBABILITY_STEPS = 1_000_000;
const LEAVES_OUT = 0.5;

export interface FaultPlans {
  readonly faults: readonly FaultPlan[];
  /** Members of the swarm that this seed leaves out. */
  readonly left_out: readonly FaultName[];
}

export function planFaults({ name, faults = [], swarm }: Scenario, seed: number): FaultPlans {
  const planned = faults.flatMap(repeated);
  if (swarm === undefined) return { faults: planned, left_out: [] };
  const drawn = drawSwarm(swarm, planned, (...names) => forkRandom(seed, name, 'swarm', ...names));
  const left_out = swarm.faults.filter((_, index) => drawn[index] === undefined).map(({ fault }) => fault);
  return { faults: [...planned, ...drawn.filter((fault) => fault !== undefined)], left_out };
}

function repeated({ times = 1, every_ms = 0, ...fault }: ScheduledFault): FaultPlan[] {
  return Array.from({ length: times }, (_, round) => {
    if (round === 0) return fault;
    return { ...fault, begins: { ...fault.begins, later_ms: (fault.begins.later_ms ?? 0) + round * every_ms } };
  });
}

/** In the order of the swarm, with gaps where one is left out. Something always happens. */
function drawSwarm(
  { faults, within_ms, for_ms: bounds, leaves_out = LEAVES_OUT }: Swarm,
  planned: readonly FaultPlan[],
  randomOf: (...names: readonly (string | number)[]) => ReturnType<typeof forkRandom>,
): (FaultPlan | undefined)[] {
  const certain = randomOf('certain').between(0, faults.length - 1);
  const drawn = faults.map((fault, index): FaultPlan | undefined => {
    const random = randomOf(index);
    const stays = random.between(0, PROBABILITY_STEPS - 1) >= leaves_out * PROBABILITY_STEPS;
    if (!stays && index !== certain) return undefined;
    const for_ms = random.between(bounds.from, Math.min(bounds.to, within_ms));
    return { ...fault, begins: { at_ms: random.between(0, within_ms - for_ms) }, for_ms };
  });
  return keepProcessesApart(drawn, planned, {
    certain,
    rankOf: (index) => randomOf(index, 'rank').between(0, PROBABILITY_STEPS - 1),
  });
}

/** So that one has healed, which may take a start, before the next begins. */
const APART_MS = 1_000;

/**
 * A process that is being started again cannot be frozen: of those that would overlap on one target the one with the lowest
 * rank stays, so that none is favoured for its place. One whose time only the run can tell keeps the others away altogether.
 */
function keepProcessesApart(
  drawn: readonly (FaultPlan | undefined)[],
  planned: readonly FaultPlan[],
  { certain, rankOf }: { readonly certain: number; readonly rankOf: (index: number) => number },
): (FaultPlan | undefined)[] {
  const kept = planned.filter(isOnProcess);
  const ranks = new Map(drawn.map((_, index) => [index, index === certain ? -1 : rankOf(index)]));
  const dropped = new Set<number>();
  for (const [index] of [...ranks].sort(([a, x], [b, y]) => x - y || a - b)) {
    const fault = drawn[index];
    if (fault === undefined || !isOnProcess(fault)) continue;
    if (kept.some((other) => other.target === fault.target && isNear(other, fault))) dropped.add(index);
    else kept.push(fault);
  }
  return drawn.map((fault, index) => (dropped.has(index) ? undefined : fault));
}

function isNear(a: FaultPlan, b: FaultPlan): boolean {
  const [from_a, from_b] = [a, b].map(({ begins }) =>
    'at_ms' in begins ? begins.at_ms + (begins.later_ms ?? 0) : undefined,
  );
  if (from_a === undefined || from_b === undefined) return true;
  return from_a < from_b + b.for_ms + APART_MS && from_b < from_a + a.for_ms + APART_MS;
}

const isOnProcess = ({ fault }: FaultPlan): boolean => PROCESS_FAULTS.has(fault);
