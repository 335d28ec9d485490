/** What only the agents of one world go through, told in their own words. */
import type { Scenario } from '../../harness/model/scenario.ts';
import { pizzaCancelled, pizzaChanged } from './pizza/change-of-mind.ts';
import { pizzaHundredOrders } from './pizza/hundred-orders.ts';
import { pizzaTwoAnswers } from './pizza/two-answers.ts';
import { pizzaBreakages } from './pizza/when-it-breaks.ts';

const pizza = [pizzaHundredOrders, pizzaTwoAnswers, pizzaCancelled, pizzaChanged, ...pizzaBreakages];

export const worldScenarios: readonly Scenario[] = [...pizza];
