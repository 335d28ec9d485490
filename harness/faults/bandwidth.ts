/** A thin line: answers trickle in, and what an agent sends faster waits. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const bandwidth: ProxyFault<'bandwidth'> = {
  title: 'Each answer comes at most so fast; healing lets the rest come at once',
  needs: 'proxy',
  about: 'bytes',
  attributes: { bytes_per_s: { from: 1, to: 1_073_741_824 } },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { pace: { bytes_per_s: plan.bytes_per_s } },
        applied: () => `lets ${plural(plan.bytes_per_s, 'byte')} of each answer through in a second`,
        healed: ({ hits, bytes }) => `rationed ${plural(bytes, 'byte')} of ${plural(hits, 'answer')}`,
      },
      signal,
    ),
};
