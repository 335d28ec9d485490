/** No agent exits, or stops answering, without being told to. What a fault does to it is the fault's doing. */
import type { Check } from '../model/check.ts';
import type { AgentEvent } from '../model/history.ts';
import { startFindings } from './parts/findings.ts';
import { clip } from './parts/reading.ts';

export const staysUp: Check = {
  name: 'stays-up',
  title: 'No agent exits or stops answering unasked',
  section: 'policy',
  memory: 'One entry per agent.',
  judges: 'agent',
  reads: ['agent', 'fault'],
  start: ({ scene: { faults } }) => {
    const findings = startFindings();
    const ready = new Map<string, AgentEvent>();
    const gone = new Set<string>();
    let evidence = 0;

    const onExit = (event: AgentEvent & { readonly phase: 'exited' }): void => {
      // One that never got ready is a wrong command, and the run says so itself.
      if (event.asked || gone.has(event.agent) || !ready.has(event.agent)) return;
      gone.add(event.agent);
      const how = event.signal === null ? `exit code ${event.code}` : `signal ${event.signal}`;
      const last = event.log_tail?.at(-1);
      findings.report({
        kind: 'agent-exited',
        message: 'An agent exited without being told to',
        expected: `${event.agent} runs until muster stops it.`,
        seen: `It exited with ${how}${last === undefined ? '' : `; the last line of its log is "${clip(last, 200)}"`}.`,
        users: [],
        tasks: [],
        evidence: [ready.get(event.agent), event],
      });
    };

    const onProbe = (event: AgentEvent & { readonly phase: 'probed' }): void => {
      // One that exited has been told of already.
      if (event.answers || gone.has(event.agent) || faults.isOpen(event.agent)) return;
      findings.report({
        kind: 'agent-does-not-answer',
        message: 'An agent that still runs did not answer any more',
        expected: `When the scenario is over, ${event.agent} still serves its agent card.`,
        seen: `It did not: ${clip(event.reason ?? 'no reason is known', 200)}.`,
        users: [],
        tasks: [],
        evidence: [ready.get(event.agent), event],
      });
    };

    return {
      add(event) {
        if (event.type !== 'agent') return;
        if (event.phase === 'ready') {
          ready.set(event.agent, event);
          gone.delete(event.agent);
        }
        if ((event.phase === 'exited' && ready.has(event.agent)) || event.phase === 'probed') evidence += 1;
        if (event.phase === 'exited') onExit(event);
        if (event.phase === 'probed') onProbe(event);
      },
      close: () => ({ evidence, findings: findings.list() }),
    };
  },
};
