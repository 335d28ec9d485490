/** The agent is gone from the network while its process lives on: what is open is reset, and so is whatever comes. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const down: ProxyFault<'down'> = {
  title: 'Open and new connections are reset; healing lets new ones through',
  needs: 'proxy',
  about: 'connections',
  attributes: {},
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { connections: 'reset' },
        applied: ({ hits }) => `down: reset ${plural(hits, 'open connection')}, and resets every new one`,
        healed: ({ hits }) => `reset ${plural(hits, 'connection')}`,
      },
      signal,
    ),
};
