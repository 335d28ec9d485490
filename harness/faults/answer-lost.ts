/** The work was done and nobody heard of it: what a client does next decides whether it is done twice. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const answerLost: ProxyFault<'answer-lost'> = {
  title:
    'The agent does what is asked, its answer is thrown away, and the connection reset; healing lets answers through',
  needs: 'proxy',
  about: 'calls',
  attributes: {},
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { losesAnswer: true },
        applied: () => 'throws every answer away',
        healed: ({ hits }) => `threw ${plural(hits, 'answer')} away`,
      },
      signal,
    ),
};
