/** A connection that breaks while an answer is on its way, wherever that is: in its headers, in a word, in a character. */
import { COUNT } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const reset: ProxyFault<'reset'> = {
  title: 'Answers are reset after so many bytes of their body; healing lets them run to their end',
  needs: 'proxy',
  about: 'bytes',
  attributes: { after_bytes: COUNT },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { breaks: { after: plan.after_bytes, of: 'bytes', by: 'reset' } },
        applied: () => `resets every answer after ${plural(plan.after_bytes, 'byte')}`,
        healed: ({ hits, bytes }) => `reset ${plural(hits, 'answer')} after ${plural(bytes, 'byte')} in all`,
      },
      signal,
    ),
};
