/** Two updates that overtook each other, as over two ways of different lengths: whoever trusts their order is misled. */
import { ORDINAL } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import type { EventAct } from './proxy/event-acts.ts';
import { applyRule } from './ruled.ts';

/** The event waits for the next one; where none comes it goes on alone, and nothing was swapped. */
export function swapAt(wanted: number): EventAct {
  return (event, nth, held) => {
    if (nth === wanted) return { out: [], held: event, hit: false };
    return held === undefined ? { out: [event], hit: false } : { out: [event, held], hit: true };
  };
}

export const swap: ProxyFault<'swap'> = {
  title: 'An event of each stream and the next one change places; healing keeps their order',
  needs: 'proxy',
  about: 'messages',
  attributes: { event: ORDINAL },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { onEvent: swapAt(plan.event) },
        applied: () => `swaps events ${plan.event} and ${plan.event + 1} of every stream`,
        healed: ({ hits }) => `swapped ${plural(hits, 'pair')} of events`,
      },
      signal,
    ),
};
