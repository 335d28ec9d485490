/**
 * The faults of a scenario become those of its plan: repeated ones are written out one by one, and a swarm is drawn from the
 * seed, so that the plan tells exactly what will be done. A draw depends on its place in the swarm alone: one more fault at the
 * end of it changes nothing for the others.
 */
import {
  type FaultName,
  type FaultPlan,
  PROCESS_FAULTS,
  type Scenario,
  type ScheduledFault,
  type Swarm,
} from '../model/scenario.ts';
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
  // A process that is being started again cannot be frozen: one such fault on each target is all that a plan can promise.
  const hurt = new Map(planned.filter(isOnProcess).map((fault) => [fault.target, fault]));
  for (const fault of [drawn[certain], ...drawn]) {
    if (fault !== undefined && isOnProcess(fault) && !hurt.has(fault.target)) hurt.set(fault.target, fault);
  }
  return drawn.map((fault) =>
    fault === undefined || !isOnProcess(fault) || hurt.get(fault.target) === fault ? fault : undefined,
  );
}

const isOnProcess = ({ fault }: FaultPlan): boolean => PROCESS_FAULTS.has(fault);
