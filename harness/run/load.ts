/** The load of a plan, between the start of its agents and their end. */

import { startLoadReadBack } from '../engines/node/load-read-back.ts';
import type { ReadBack } from '../engines/node/read-back.ts';
import { runLoad } from '../engines/node/run-load.ts';
import type { SeenTask, World } from '../engines/node/world.ts';
import type { Unstamped, VitalsEvent } from '../model/history.ts';
import type { Agent } from '../model/live.ts';
import type { LoadPlan } from '../model/load.ts';
import type { Measures } from '../model/measurement.ts';
import type { Plan } from '../model/plan.ts';
import { runOnWorkers, type Segments } from './load-workers.ts';
import { watchMachine } from './machine.ts';
import type { RunOptions } from './options.ts';
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

export interface LoadRun {
  readonly options: Pick<RunOptions, 'folder' | 'load_worker'>;
  readonly measures: Measures;
  readonly segments: Segments;
  readonly tellVitals: () => void;
}

/** Tasks that nobody has seen the end of are noted to be read back. */
export async function carryLoad(
  run: LoadRun,
  given: { readonly world: World; readonly plan: PlanOfLoad; readonly readBack: ReadBack; readonly agent: Agent },
): Promise<void> {
  const { world, readBack } = given;
  const onOver = (): void => {
    const early = world.signal.aborted ? { early: 'it was stopped' } : {};
    world.emit({ type: 'scenario', phase: 'load-over', ...early });
  };
  const url = workerFor(run, given);
  const tasks = url === undefined ? await here(run, given, onOver) : await onWorkers(run, { ...given, url }, onOver);
  run.tellVitals();
  for (const task of tasks) readBack.note(task);
}

/** Nothing where one thread does it all: faults and simulated agents are in this one. */
function workerFor(
  { options: { load_worker } }: LoadRun,
  { plan, agent }: { readonly plan: PlanOfLoad; readonly agent: Agent },
): URL | undefined {
  const isHere = agent.respond !== undefined || plan.scenarios.some(({ faults }) => faults.length > 0);
  return plan.load.workers > 1 && !isHere ? load_worker : undefined;
}

async function here(
  { measures }: LoadRun,
  { world, plan }: { readonly world: World; readonly plan: PlanOfLoad },
  onOver: () => void,
): Promise<readonly SeenTask[]> {
  const { time_ms: begin_ms } = world.emit({ type: 'scenario', phase: 'loading' });
  const readBack = startLoadReadBack();
  await runLoad(world, { plan, begin_ms, readBack, measures, onOver });
  return readBack.open();
}

function onWorkers(
  { options: { folder }, measures, segments }: LoadRun,
  given: { readonly world: World; readonly plan: PlanOfLoad; readonly agent: Agent; readonly url: URL },
  onOver: () => void,
): Promise<readonly SeenTask[]> {
  return runOnWorkers({ ...given, folder, segments, measures, onOver });
}
