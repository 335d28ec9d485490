/** One pasted line makes a run again: it is built from the plan alone, so that it needs no file of the old run. */
import type { Plan } from '../model/plan.ts';

/** The command line for one scenario of the plan, or for the whole run as it was asked for. */
export function replayLine(plan: Plan, scenario?: string): string {
  // A load has one scenario, which its flags make.
  if (plan.load !== undefined) return ['npx muster load', ...plan.flags, '--seed', String(plan.seed)].join(' ');
  const names = scenario === undefined ? plan.scenario_names : [scenario];
  return ['npx muster run', ...names, ...plan.flags, '--seed', String(plan.seed)].join(' ');
}
