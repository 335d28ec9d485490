/** What only the agents of one world go through, told in their own words. */
import type { Scenario } from '../../harness/model/scenario.ts';
import { pizzaCancelled, pizzaChanged } from './pizza/change-of-mind.ts';
import { pizzaHundredOrders } from './pizza/hundred-orders.ts';
import { pizzaTwoAnswers } from './pizza/two-answers.ts';
import { pizzaBreakages } from './pizza/when-it-breaks.ts';
import { travelBreakages } from './travel/desks-break.ts';
import { travelCancelled, travelManyTrips } from './travel/planning.ts';

const pizza = [pizzaHundredOrders, pizzaTwoAnswers, pizzaCancelled, pizzaChanged, ...pizzaBreakages];
const travel = [travelManyTrips, travelCancelled, ...travelBreakages];

export const worldScenarios: readonly Scenario[] = [...pizza, ...travel];
