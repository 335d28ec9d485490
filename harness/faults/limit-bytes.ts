/** A middlebox with a limit: it hangs up in good order when an answer is too long, and what came before looks sound. */
import { COUNT } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const limitBytes: ProxyFault<'limit-bytes'> = {
  title:
    'The connection is closed in good order after so many bytes of an answer; healing lets answers run to their end',
  needs: 'proxy',
  about: 'bytes',
  attributes: { after_bytes: COUNT },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { breaks: { after: plan.after_bytes, of: 'bytes', by: 'close' } },
        applied: () => `closes the connection after ${plural(plan.after_bytes, 'byte')} of an answer`,
        healed: ({ hits, bytes }) => `ended ${plural(hits, 'answer')} after ${plural(bytes, 'byte')} in all`,
      },
      signal,
    ),
};
