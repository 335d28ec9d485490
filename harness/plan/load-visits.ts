/**
 * Who comes in a load, and when. Visit k is made by user k mod users, and is called his device floor(k / users): so (user, device) names
 * one visit, and whatever is forked from the seed by these names is the same in every shard. A shard has the visits of its own users, at
 * the times that they have in the whole.
 */
import type { LoadPlan } from '../model/load.ts';
import type { Plan } from '../model/plan.ts';
import { dueTimes } from './due-times.ts';

export interface LoadVisit {
  /** Position of the user among all users, from 0. */
  readonly index: number;
  readonly device: number;
  /** After the load begins. */
  readonly after_ms: number;
}

type LoadOf = Pick<Plan, 'seed' | 'scenarios'> & { readonly load: Pick<LoadPlan, 'demand' | 'shard'> };

/** In ascending order of due time; of a closed load those that begin. */
export function* loadVisits(plan: LoadOf): Generator<LoadVisit, void, undefined> {
  const users = usersOf(plan);
  const { demand, shard } = plan.load;
  let visit = 0;
  for (const after_ms of dueTimes(demand, plan.seed)) {
    const index = visit % users;
    if (shard === undefined || index % shard.of === shard.index - 1)
      yield { index, device: Math.floor(visit / users), after_ms };
    visit += 1;
  }
}

/** In a closed load, who comes when this visit is over: the same user again, as if for the first time. */
export function nextVisit(plan: LoadOf, { index, device }: LoadVisit, after_ms: number): LoadVisit {
  const { demand } = plan.load;
  const at_once = demand.kind === 'closed' ? demand.at_once : 1;
  return { index, device: device + Math.ceil(at_once / usersOf(plan)), after_ms };
}

const usersOf = ({ scenarios: [scenario] }: LoadOf): number => Math.max(1, scenario?.users ?? 1);
