/**
 * The baseline: an app whose ports are written in its configuration. Whoever comes first has them, and the next is refused
 * until he has gone, however many ports of the machine are free.
 */
import { SessionRefused } from '../session-refused.ts';
import { andThen } from './and-then.ts';
import type { IsolationStrategy } from './isolation.ts';

export const fixed: IsolationStrategy = {
  title: 'The ports are always the same: one session has them, and the next is refused',
  async open(ground) {
    const lease = await ground.lease('fixed');
    const standUp = ground.standOnLease(lease);
    let owner: string | undefined;
    const leave = async (): Promise<void> => {
      owner = undefined;
    };
    return {
      async standUp(session) {
        if (owner !== undefined) {
          throw new SessionRefused(
            `Failed to open a session for "${session.user}": its ports are fixed (${lease.ports.join(', ')}), and the session of "${owner}" has them. Try again when that has ended.`,
            { limit: 'ports', in_use: 1, allowed: 1 },
          );
        }
        owner = session.user;
        return andThen(standUp(session), leave);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(lease[Symbol.asyncDispose]()),
    };
  },
};
