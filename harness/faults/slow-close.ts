/** An agent that has said everything and does not hang up: readers that wait for the end of a stream wait. */
import { DELAY_MS } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const slowClose: ProxyFault<'slow-close'> = {
  title: 'The end of streams, and of answers without a length, comes so much later; healing lets them end',
  needs: 'proxy',
  about: 'bytes',
  attributes: { delay_ms: DELAY_MS },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { pace: { end_ms: plan.delay_ms } },
        applied: () => `holds the end of answers back by ${plan.delay_ms} ms`,
        healed: ({ hits }) => `held back the end of ${plural(hits, 'answer')}`,
      },
      signal,
    ),
};
