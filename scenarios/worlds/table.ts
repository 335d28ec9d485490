/** What only the agents of one world go through, told in their own words. */
import type { Scenario } from '../../harness/model/scenario.ts';
import { absurdQuestions } from './analyst/absurd-questions.ts';
import { cancelMidChart } from './analyst/cancel-mid-chart.ts';
import { cutAnywhere } from './analyst/cut-anywhere.ts';
import { slowReaders } from './analyst/slow-readers.ts';
import { tenWatchers } from './analyst/ten-watchers.ts';
import { draftConversations } from './draft/conversations.ts';
import { draftManySessions } from './draft/many-sessions.ts';
import { draftPickRaced } from './draft/pick-raced.ts';
import { draftSessionEnds } from './draft/session-ends.ts';
import { draftTeamDies } from './draft/team-dies.ts';
import { draftTurns } from './draft/turns.ts';
import { guardedAudit } from './guarded/audit.ts';
import { guardedBadTokens } from './guarded/bad-tokens.ts';
import { guardedIdle } from './guarded/idle.ts';
import { guardedLimit } from './guarded/limit.ts';
import { guardedRoles } from './guarded/roles.ts';
import { guardedRotation } from './guarded/rotation.ts';
import { helpdeskAnsweredTwice } from './helpdesk/answered-twice.ts';
import { helpdeskCallerLeft } from './helpdesk/caller-left.ts';
import { helpdeskNobodyStarves } from './helpdesk/nobody-starves.ts';
import { helpdeskRightDesk } from './helpdesk/right-desk.ts';
import { helpdeskSpecialistFlaps } from './helpdesk/specialist-flaps.ts';
import { helpdeskWrongPerson } from './helpdesk/wrong-person.ts';
import { pizzaCancelled, pizzaChanged } from './pizza/change-of-mind.ts';
import { pizzaHundredOrders } from './pizza/hundred-orders.ts';
import { pizzaTwoAnswers } from './pizza/two-answers.ts';
import { pizzaBreakages } from './pizza/when-it-breaks.ts';
import { productionDeposits } from './production/deposits.ts';
import { productionKilled } from './production/killed.ts';
import { productionReplicas } from './production/replicas.ts';
import { travelBreakages } from './travel/desks-break.ts';
import { travelCancelled, travelManyTrips } from './travel/planning.ts';

const pizza = [pizzaHundredOrders, pizzaTwoAnswers, pizzaCancelled, pizzaChanged, ...pizzaBreakages];
const travel = [travelManyTrips, travelCancelled, ...travelBreakages];
const helpdesk = [
  helpdeskRightDesk,
  helpdeskAnsweredTwice,
  helpdeskWrongPerson,
  helpdeskCallerLeft,
  helpdeskSpecialistFlaps,
  helpdeskNobodyStarves,
];
const draft = [draftManySessions, draftConversations, draftTurns, draftPickRaced, draftTeamDies, draftSessionEnds];
const guarded = [guardedRoles, guardedBadTokens, guardedRotation, guardedLimit, guardedIdle, guardedAudit];
const analyst = [tenWatchers, cutAnywhere, cancelMidChart, slowReaders, absurdQuestions];
const production = [productionDeposits, productionReplicas, productionKilled];

export const worldScenarios: readonly Scenario[] = [
  ...pizza,
  ...travel,
  ...helpdesk,
  ...draft,
  ...guarded,
  ...analyst,
  ...production,
];
