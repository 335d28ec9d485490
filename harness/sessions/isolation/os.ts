/** Every session has ports that the operating system picks: no range to plan, and no port that could be known beforehand. */
import { type IsolationStrategy, keepsNothing } from './isolation.ts';

export const os: IsolationStrategy = {
  title: 'Each session has ports that the operating system gives it',
  open: async (ground) => ({ standUp: ground.standOn('os'), [Symbol.asyncDispose]: keepsNothing }),
};
