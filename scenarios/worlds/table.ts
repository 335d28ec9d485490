/** What only the agents of one world go through, told in their own words. */
import type { Scenario } from '../../harness/model/scenario.ts';
import { draftConversations } from './draft/conversations.ts';
import { draftManySessions } from './draft/many-sessions.ts';
import { draftPickRaced } from './draft/pick-raced.ts';
import { draftSessionEnds } from './draft/session-ends.ts';
import { draftTeamDies } from './draft/team-dies.ts';
import { draftTurns } from './draft/turns.ts';
import { helpdeskAnsweredTwice } from './helpdesk/answered-twice.ts';
import { helpdeskCallerLeft } from './helpdesk/caller-left.ts';
import { helpdeskNobodyStarves } from './helpdesk/nobody-starves.ts';
import { helpdeskRightDesk } from './helpdesk/right-desk.ts';
import { helpdeskSpecialistFlaps } from './helpdesk/specialist-flaps.ts';
import { helpdeskWrongPerson } from './helpdesk/wrong-person.ts';

const helpdesk = [
  helpdeskRightDesk,
  helpdeskAnsweredTwice,
  helpdeskWrongPerson,
  helpdeskCallerLeft,
  helpdeskSpecialistFlaps,
  helpdeskNobodyStarves,
];

const draft = [draftManySessions, draftConversations, draftTurns, draftPickRaced, draftTeamDies, draftSessionEnds];

export const worldScenarios: readonly Scenario[] = [...helpdesk, ...draft];
