/** An update that comes late, in the middle of a stream that was lively before. */
import { DELAY_MS, ORDINAL } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { onNth } from './proxy/event-acts.ts';
import { applyRule } from './ruled.ts';

export const delay: ProxyFault<'delay'> = {
  title: 'An event of each stream is held back so long, and what follows waits behind it; healing releases it at once',
  needs: 'proxy',
  about: 'messages',
  attributes: { event: ORDINAL, delay_ms: DELAY_MS },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { onEvent: onNth(plan.event, (event) => ({ out: [event], hold_ms: plan.delay_ms })) },
        applied: () => `holds event ${plan.event} of every stream back by ${plan.delay_ms} ms`,
        healed: ({ hits }) => `held back ${plural(hits, 'event')}`,
      },
      signal,
    ),
};
