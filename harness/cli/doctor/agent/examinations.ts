/** What an agent that answers is examined for, in turn: one file and one line here adds an examination. */
import { calls } from './calls.ts';
import { errors } from './errors.ts';
import { limits } from './limits.ts';
import type { AgentExamination } from './patient.ts';
import { users } from './users.ts';

/** `users` asks for the task that `calls` has begun. */
export const agentExaminations: readonly AgentExamination[] = [calls, users, errors, limits];
