/** The agent is gone from the network while its process lives on: what is open is reset, and so is whatever comes. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const down: ProxyFault<'down'> = {
  title: 'Open and new connections are reset; healing lets new ones through',
  needs: 'proxy',
  apply: (_plan, proxy, signal) =>
    applyRule(
      proxy,
      { kind: 'down' },
      (rule) => `down: reset ${plural(rule.effect().connections_reset, 'open connection')}, and resets every new one`,
      signal,
    ),
};
