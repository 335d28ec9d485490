/**
 * One session at a time, first come, first served. Each has agents that were started for it, on ports of which the machine needs
 * one block only: agents that went on to the next user would take along what they remember.
 */
import { andThen } from './and-then.ts';
import { type IsolationStrategy, keepsNothing } from './isolation.ts';
import { openTurns } from './turns.ts';

export const queue: IsolationStrategy = {
  title: 'One session at a time, the others wait their turn; each has agents started for it',
  open: async (ground) => {
    const turns = openTurns(1);
    const standUp = ground.standOn('range');
    return {
      async standUp(session) {
        const end = await turns.take(session.signal);
        ground.tell({ type: 'session', phase: 'admitted', session: session.user });
        return andThen(standUp(session), async () => end());
      },
      [Symbol.asyncDispose]: keepsNothing,
    };
  },
};
