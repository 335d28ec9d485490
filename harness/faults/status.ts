/** An overloaded agent, or the gateway in front of it: it says no, and perhaps when to come back. */
import type { PlanOf, ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import type { Instead } from './proxy/rules.ts';
import { applyRule } from './ruled.ts';

/** As gateways answer: in plain text, not in the protocol's own errors. */
function answerOf({ status, retry_after_s }: PlanOf<'status'>): Instead {
  const retryAfter = retry_after_s === undefined ? [] : ['Retry-After', String(retry_after_s)];
  const again = retry_after_s === undefined ? {} : { again_ms: retry_after_s * 1_000 };
  return { status, headers: ['Content-Type', 'text/plain', ...retryAfter], body: `${status}\n`, ...again };
}

export const status: ProxyFault<'status'> = {
  title: 'An error status is answered and the agent not asked, with Retry-After where wanted; healing asks it again',
  needs: 'proxy',
  about: 'calls',
  attributes: {
    status: { oneOf: [429, 500, 502, 503, 504] },
    retry_after_s: { from: 0, to: 3600, whole: true, optional: true },
  },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { instead: answerOf(plan) },
        applied: () =>
          `answers ${plan.status}${plan.retry_after_s === undefined ? '' : ` with Retry-After: ${plan.retry_after_s}`}`,
        healed: ({ hits }) => `answered ${plural(hits, 'call')} with ${plan.status}`,
      },
      signal,
    ),
};
