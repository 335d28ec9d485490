/**
 * Which transport a device speaks where the plan mixes them: dealt out like cards, so that a few users are enough to have all of
 * them at the table, and the two devices of one user never speak the same.
 */
import type { Transport } from '../model/a2a.ts';
import type { Plan } from '../model/plan.ts';
import { forkRandom } from './random.ts';

/** Divides evenly among 1, 2 and 3. */
const CARDS = 6;

/** Nothing where the plan does not mix them, or the agent offers none. The seed says who begins. */
export function dealTransport(
  { transport, seed }: Pick<Plan, 'transport' | 'seed'>,
  offered: readonly Transport[],
  index: number,
  device: number,
): Transport | undefined {
  if (transport !== 'mixed' || offered.length === 0) return undefined;
  const first = forkRandom(seed, 'transports').between(0, CARDS - 1);
  // The reading back is device -1: it reads over another transport than the first device spoke.
  return offered[(first + index + device + CARDS) % offered.length];
}
