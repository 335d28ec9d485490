/** A slow way back: the agent works at its own pace, and its answers arrive later, whole and in order. */
import { DELAY_MS } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { applyRule } from './ruled.ts';

export const latency: ProxyFault<'latency'> = {
  title:
    'Every byte of every answer is held back so long, with a jitter if asked for; healing releases what is held at once',
  needs: 'proxy',
  about: 'bytes',
  attributes: { latency_ms: DELAY_MS, jitter_ms: { ...DELAY_MS, optional: true } },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { pace: { hold_ms: plan.latency_ms, jitter_ms: plan.jitter_ms ?? 0 } },
        applied: () =>
          `holds back every answer by ${plan.latency_ms} ms${plan.jitter_ms === undefined ? '' : `, give or take ${plan.jitter_ms} ms`}`,
        healed: ({ hits, bytes }) => `held back ${plural(bytes, 'byte')} of ${plural(hits, 'answer')}`,
      },
      signal,
    ),
};
