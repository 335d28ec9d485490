/** The agent is gone without a word, as after a power cut: its clients hold a connection that leads nowhere. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const halfOpen: ProxyFault<'half-open'> = {
  title: "The agent's end of open and new connections is closed, and their clients are not told; healing resets them",
  needs: 'proxy',
  about: 'connections',
  attributes: {},
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { connections: 'orphan' },
        applied: ({ hits }) => `left ${plural(hits, 'open connection')} without an agent, and leaves every new one so`,
        healed: ({ hits }) => `left ${plural(hits, 'connection')} without an agent`,
      },
      signal,
    ),
};
