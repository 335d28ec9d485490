/** An agent that serves one session must be able to serve the next one too, on whatever ports that gets. */
import type { Check } from '../model/check.ts';
import { startFindings } from './parts/findings.ts';
import { clip } from './parts/reading.ts';

export const sessionsStand: Check = {
  name: 'sessions-stand',
  title: 'Every session that gets its ports gets its agents',
  section: 'policy',
  memory: 'A counter, and the first failure.',
  judges: 'agent',
  reads: ['ok', 'fail'],
  ops: ['openSession'],
  start: () => {
    const findings = startFindings();
    let evidence = 0;
    return {
      add(event, invoke) {
        if (invoke?.op.op !== 'openSession') return;
        const failed = event.type === 'fail' && event.error.code === 'session-failed';
        if (event.type === 'ok' || failed) evidence += 1;
        if (!failed) return;
        findings.report({
          kind: 'agent-did-not-start',
          message: 'An agent could not be started for a session that had its ports',
          expected: 'The agent starts for one session as it does for any other.',
          seen: `For "${invoke.op.session}" it did not: ${clip(event.error.message, 300)}`,
          users: [invoke.user],
          tasks: [],
          evidence: [invoke, event],
        });
      },
      close: () => ({ evidence, findings: findings.list() }),
    };
  },
};
