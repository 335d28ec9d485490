/** A body that was cut short and given a length that fits: JSON that ends in the middle, with no sign of it in the connection. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const truncate: ProxyFault<'truncate'> = {
  title: 'Answers in JSON end in the middle, as if they were whole; healing lets them come whole',
  needs: 'proxy',
  about: 'calls',
  attributes: {},
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { onBody: (body) => body.subarray(0, body.length >> 1) },
        applied: () => 'ends every answer in JSON in its middle',
        healed: ({ hits }) => `truncated ${plural(hits, 'answer')}`,
      },
      signal,
    ),
};
