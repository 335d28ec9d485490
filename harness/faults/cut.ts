/** A stream that breaks in the middle, as when a load balancer is replaced: its task works on, its reader is alone. */
import { COUNT } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const cut: ProxyFault<'cut'> = {
  title: 'Streams are reset after so many events; healing lets them run to their end',
  needs: 'proxy',
  about: 'events',
  attributes: { after_events: COUNT },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { breaks: { after: plan.after_events, of: 'events', by: 'reset' } },
        applied: () => `cuts every stream after ${plural(plan.after_events, 'event')}`,
        healed: ({ hits }) => `cut ${plural(hits, 'stream')} after event ${plan.after_events}`,
      },
      signal,
    ),
};
