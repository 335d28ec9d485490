/** A network with small packets: readers that take a piece for the whole, or half a character for a character, are found out. */
import { DELAY_MS } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const slice: ProxyFault<'slice'> = {
  title:
    'Answers come in slices with gaps between them, in the middle of characters too; healing lets the rest come as it is',
  needs: 'proxy',
  about: 'bytes',
  attributes: { slice_bytes: { from: 1, to: 1_048_576, whole: true }, gap_ms: DELAY_MS },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { pace: { slice_bytes: plan.slice_bytes, gap_ms: plan.gap_ms } },
        applied: () => `cuts answers into slices of ${plural(plan.slice_bytes, 'byte')}, ${plan.gap_ms} ms apart`,
        healed: ({ hits, bytes }) => `sliced ${plural(bytes, 'byte')} of ${plural(hits, 'answer')}`,
      },
      signal,
    ),
};
