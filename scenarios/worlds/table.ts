/** What only the agents of one world go through, told in their own words. */
import type { Scenario } from '../../harness/model/scenario.ts';
import { guardedAudit } from './guarded/audit.ts';
import { guardedBadTokens } from './guarded/bad-tokens.ts';
import { guardedIdle } from './guarded/idle.ts';
import { guardedLimit } from './guarded/limit.ts';
import { guardedRoles } from './guarded/roles.ts';
import { guardedRotation } from './guarded/rotation.ts';

const guarded = [guardedRoles, guardedBadTokens, guardedRotation, guardedLimit, guardedIdle, guardedAudit];

export const worldScenarios: readonly Scenario[] = [...guarded];
