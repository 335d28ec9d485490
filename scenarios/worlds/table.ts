/** What only the agents of one world go through, told in their own words. */
import type { Scenario } from '../../harness/model/scenario.ts';
import { productionDeposits } from './production/deposits.ts';
import { productionFinished } from './production/finished.ts';
import { productionKilled } from './production/killed.ts';
import { productionReplicas } from './production/replicas.ts';

export const worldScenarios: readonly Scenario[] = [
  productionDeposits,
  productionReplicas,
  productionFinished,
  productionKilled,
];
