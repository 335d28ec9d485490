/**
 * The block of a session follows from its user, so nobody has to keep a table; and two users may well have the same. The second
 * then finds agents that answer as his own would, and does what an app does that only looks whether its port answers: he uses
 * them. Kinder than such an app it is in one thing: they stay until the last of their users has gone.
 */
import type { PortLease } from '../../model/live.ts';
import type { IsolationStrategy } from './isolation.ts';
import { shareStand } from './shared-stand.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a, of which a user always gets the same block. */
export function blockOf(user: string, blocks: number): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(user)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return hash % blocks;
}

export const hashed: IsolationStrategy = {
  title: 'The ports of a session follow from the name of its user; who has the same ports shares the agents',
  async open(ground) {
    await using opening = new AsyncDisposableStack();
    const leases: PortLease[] = [];
    for (let block = 0; block < ground.blocks; block += 1) {
      leases.push(opening.use(await ground.lease(`block-${block + 1}`)));
    }
    const places = leases.map((lease) => ({ lease, shared: shareStand(ground.standOnLease(lease), lease.holder) }));
    const closers = opening.move();
    return {
      async standUp(session) {
        const place = places[blockOf(session.user, places.length)];
        if (place === undefined) throw new Error('Failed to find a block by its hash: there is none.');
        const { lease, shared } = place;
        const owner = shared.owner();
        if (owner !== undefined)
          ground.tell({ type: 'session', phase: 'conflict', session: session.user, owner, ports: lease.ports });
        return shared.join(session);
      },
      [Symbol.asyncDispose]: () => closers.disposeAsync(),
    };
  },
};
