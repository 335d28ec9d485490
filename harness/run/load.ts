/** The load of a plan, between the start of its agents and their end. */

import { startLoadReadBack } from '../engines/node/load-read-back.ts';
import type { ReadBack } from '../engines/node/read-back.ts';
import { runLoad } from '../engines/node/run-load.ts';
import type { World } from '../engines/node/world.ts';
import type { Unstamped, VitalsEvent } from '../model/history.ts';
import type { LoadPlan } from '../model/load.ts';
import type { Measures } from '../model/measurement.ts';
import type { Plan } from '../model/plan.ts';
import { watchMachine } from './machine.ts';
import type { Stage } from './stage.ts';

export type PlanOfLoad = Plan & { readonly load: LoadPlan };

export const isLoad = (plan: Plan): plan is PlanOfLoad => plan.load !== undefined;

/** What the vitals of a load tell beside those of every run. */
export function watchLoad(stage: Pick<Stage, 'wireOf'>): () => Partial<Unstamped<VitalsEvent>> {
  const machine = watchMachine();
  return () => {
    const traffic = stage.wireOf('agent')?.traffic?.();
    return { ...machine(), ...(traffic && { traffic, open_ops: traffic.ops_open }) };
  };
}

/** Tasks that nobody has seen the end of are noted to be read back. */
export async function carryLoad(
  { measures, tellVitals }: { readonly measures: Measures; readonly tellVitals: () => void },
  { world, plan, readBack }: { readonly world: World; readonly plan: PlanOfLoad; readonly readBack: ReadBack },
): Promise<void> {
  const { time_ms: begin_ms } = world.emit({ type: 'scenario', phase: 'loading' });
  const tasks = startLoadReadBack();
  const onOver = (): void => {
    const early = world.signal.aborted ? { early: 'it was stopped' } : {};
    world.emit({ type: 'scenario', phase: 'load-over', ...early });
  };
  await runLoad(world, { plan, begin_ms, readBack: tasks, measures, onOver });
  tellVitals();
  for (const task of tasks.open()) readBack.note(task);
}
