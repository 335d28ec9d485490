/** A network that swallows everything: connections stand, requests and answers do not come through, and nobody says so. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const blackhole: ProxyFault<'blackhole'> = {
  title: 'Requests and answers stand still, and nobody is told; healing lets them go on where they were',
  needs: 'proxy',
  about: 'bytes',
  attributes: {},
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { pace: { standsStill: true } },
        applied: () => 'lets nothing through in either direction',
        healed: ({ hits, bytes }) => `held ${plural(hits, 'call')} and ${plural(bytes, 'byte')} of answers`,
      },
      signal,
    ),
};
