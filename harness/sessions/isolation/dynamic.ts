/** Every session has a block of consecutive ports of its own, leased for as long as it lives. The default of muster. */
import { type IsolationStrategy, keepsNothing } from './isolation.ts';

export const dynamic: IsolationStrategy = {
  title: 'Each session has consecutive ports of its own, leased for it',
  open: async (ground) => ({ standUp: ground.standOn('range'), [Symbol.asyncDispose]: keepsNothing }),
};
