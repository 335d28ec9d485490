/**
 * One set of agents serves everybody, and only what an agent knows of its caller keeps users apart. It costs least, and every
 * mistake that an agent makes with its state reaches all users.
 */
import { type IsolationStrategy, keepsNothing } from './isolation.ts';
import { shareStand } from './shared-stand.ts';

export const router: IsolationStrategy = {
  title: 'One set of agents serves all sessions, which only the identity of their users keeps apart',
  open: async (ground) => ({
    standUp: shareStand(ground.standOn('range'), 'all').join,
    [Symbol.asyncDispose]: keepsNothing,
  }),
};
