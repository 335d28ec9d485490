/**
 * A peer that is too busy may say when to come back (RFC 9110 §10.2.3), and is spared until then. Counted at the proxy before the
 * peer: a message, known by its id, that comes again before its time. Whoever never asks again has heeded it, too.
 */

import type { Check } from '../model/check.ts';
import { isPeer } from '../model/peers.ts';
import { startFindings } from './parts/findings.ts';

export const heedsRetryAfter: Check = {
  name: 'heeds-retry-after',
  title: 'A peer that says when to come back is not sent the same message again before',
  section: 'RFC 9110 §10.2.3',
  memory: 'Nothing but what it found.',
  judges: 'agent',
  concerns: ({ faults }) => faults.length > 0,
  reads: ['fault'],
  start: () => {
    const findings = startFindings();
    let evidence = 0;
    return {
      add(event) {
        if (event.type !== 'fault' || event.phase !== 'healed' || !isPeer(event.fault.target)) return;
        const { messages = 0, early = 0 } = event.turned_away ?? {};
        evidence += messages;
        if (early === 0 || event.fault.fault !== 'status') return;
        const { status, retry_after_s } = event.fault;
        findings.report({
          kind: 'comes-back-early',
          message: 'An agent asked its peer again before the time that the peer had named',
          expected: `A message that was answered with ${status} and Retry-After: ${retry_after_s} is not sent again within ${retry_after_s} s.`,
          seen: `${messages} messages were answered so, and ${early} times one of them came again too early.`,
          users: [],
          tasks: [],
          evidence: [event],
        });
      },
      close: () => ({ evidence, findings: findings.list() }),
    };
  },
};
