/** Who comes when, and what of his script he does: all users of a scenario, or those that a plan made smaller keeps. */
import type { Step } from '../model/op.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { arrivals } from './arrivals.ts';

export const userName = (index: number): string => `u${index + 1}`;

export interface Visit {
  /** Position of the user among all users of the scenario, from 0. */
  readonly index: number;
  /** After the first user. */
  readonly after_ms: number;
  readonly scripts: readonly {
    readonly device: number;
    /** Those that are kept; all unless given. */
    readonly steps: readonly Step[] | undefined;
  }[];
}

/** In ascending order of arrival. */
export function visitsOf(scenario: ScenarioPlan): readonly Visit[] {
  const { load, users, devices, only, faults } = scenario;
  const all = arrivals(load, users).map((after_ms, index): Visit => {
    const scripts = Array.from({ length: devices }, (_, device) => ({ device, steps: undefined }));
    return { index, after_ms, scripts };
  });
  if (only?.scripts === undefined) return all;
  const scriptsOf = Map.groupBy(only.scripts, ({ user }) => user);
  const left = all.flatMap((visit): readonly Visit[] => {
    const scripts = scriptsOf.get(userName(visit.index)) ?? [];
    return scripts.length === 0 ? [] : [{ ...visit, scripts: scripts.map(({ device, steps }) => ({ device, steps })) }];
  });
  // A fault may begin so long after the first user was to come; otherwise nobody waits for those who do not come.
  const isTimed = faults.some(({ begins }) => 'at_ms' in begins && begins.at_ms > 0);
  const first_ms = isTimed ? 0 : (left[0]?.after_ms ?? 0);
  return left.map((visit) => ({ ...visit, after_ms: visit.after_ms - first_ms }));
}
