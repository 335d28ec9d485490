/** An update that is delivered twice, as a network that retries does: chunks that are appended twice give another text. */
import { ORDINAL } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { onNth } from './proxy/event-acts.ts';
import { applyRule } from './ruled.ts';

export const double: ProxyFault<'double'> = {
  title: 'An event of each stream arrives twice; healing lets each come once',
  needs: 'proxy',
  about: 'messages',
  attributes: { event: ORDINAL },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { onEvent: onNth(plan.event, (event) => ({ out: [event, event] })) },
        applied: () => `doubles event ${plan.event} of every stream`,
        healed: ({ hits }) => `doubled ${plural(hits, 'event')}`,
      },
      signal,
    ),
};
