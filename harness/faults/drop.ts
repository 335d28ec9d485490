/** An update that got lost: whoever folds a stream finds out only if he compares. */
import { ORDINAL } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { onNth } from './proxy/event-acts.ts';
import { applyRule } from './ruled.ts';

export const drop: ProxyFault<'drop'> = {
  title: 'An event of each stream does not arrive; healing lets all through',
  needs: 'proxy',
  about: 'messages',
  attributes: { event: ORDINAL },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { onEvent: onNth(plan.event, () => ({ out: [] })) },
        applied: () => `drops event ${plan.event} of every stream`,
        healed: ({ hits }) => `dropped ${plural(hits, 'event')}`,
      },
      signal,
    ),
};
