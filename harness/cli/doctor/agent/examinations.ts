/** What an agent that answers is examined for, in turn: one file and one line here adds an examination. */
import { calls } from './calls.ts';
import { errors } from './errors.ts';
import { limits } from './limits.ts';
import type { AgentExamination, Described } from './patient.ts';
import { users } from './users.ts';

/** `users` asks for the task that `calls` has begun. */
export const agentExaminations: readonly AgentExamination[] = [calls, users, errors, limits];

/** Those that come before, for an agent need not answer anything but its card to them. */
export const firstExaminations: readonly Described[] = [
  {
    area: 'card',
    title: 'Card',
    looks_at:
      'required members and their types, transports and versions, encryption, claims, schemes, and the form of signatures',
    sends: 'the card, twice',
  },
  {
    area: 'interfaces',
    title: 'Interfaces',
    looks_at: 'whether each interface answers, and at an address that is its own',
    sends: 'to each GetTask for a task that there is not, once more with a made-up token where that is turned away',
  },
];
