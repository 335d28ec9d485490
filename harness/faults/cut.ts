/** A stream that breaks in the middle, as when a load balancer is replaced: its task works on, its reader is alone. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const cut: ProxyFault<'cut'> = {
  title: 'Streams are reset after so many events; healing lets them run to their end',
  needs: 'proxy',
  apply: ({ after_events }, proxy, signal) =>
    applyRule(
      proxy,
      { kind: 'cut', after_events },
      () => `cuts every stream after ${plural(after_events, 'event')}`,
      signal,
    ),
};
