/**
 * Looks once more at the plan of a load before anything of it is done: a plan.json may have been written by anybody, and what it asks
 * for is held to the hosts and caps that it names.
 */
import type { LoadPlan } from '../../model/load.ts';
import type { Plan } from '../../model/plan.ts';
import { isAllowedHost } from '../../plan/allowed-hosts.ts';
import { capProblems } from '../../plan/load-caps.ts';
import { UsageError } from '../exit-codes.ts';

/** Throws `UsageError` with all that is wrong; says nothing to plans that are no load. */
export function refuseUnsafe(plan: Plan): void {
  if (plan.load === undefined) return;
  const problems = [...hostProblems(plan, plan.load), ...usersProblems(plan, plan.load)];
  if (problems.length === 0) return;
  throw new UsageError(`Failed to carry out the load:\n${problems.map((line) => `  ${line}`).join('\n')}`);
}

function hostProblems({ target }: Plan, { allowed_hosts }: LoadPlan): readonly string[] {
  const url = target.kind === 'url' ? URL.parse(target.url) : null;
  if (url === null || isAllowedHost(url.hostname, allowed_hosts)) return [];
  return [
    `target: ${url.hostname} is not this machine, and the plan does not allow it; make the plan again with --allow-host ${url.hostname}, if its owner agrees`,
  ];
}

function usersProblems({ scenarios }: Plan, load: LoadPlan): readonly string[] {
  const [scenario, ...others] = scenarios;
  if (scenario === undefined || others.length > 0) {
    return [
      `scenarios: a load has exactly one, and this plan has ${scenarios.length}; make it again with \`muster load\``,
    ];
  }
  return capProblems({ ...load, users: scenario.users });
}
