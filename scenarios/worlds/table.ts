/** What only the agents of one world go through, told in their own words. */
import type { Scenario } from '../../harness/model/scenario.ts';

export const worldScenarios: readonly Scenario[] = [];
