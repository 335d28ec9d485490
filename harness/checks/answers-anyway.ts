/**
 * An agent whose peer is broken answers its users all the same, be it that it failed: how long they wait without a word is its
 * own decision, and not its peer's. What they bear is the policy `answer_ms_max`, after which muster gives an op up.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent, StreamEvent } from '../model/history.ts';
import { isPeer, peersNeeded } from '../model/peers.ts';
import { startFindings } from './parts/findings.ts';
import { ANSWERS } from './parts/reading.ts';

export const answersAnyway: Check = {
  name: 'answers-anyway',
  title: 'While its peer is broken an agent leaves nobody without a word',
  section: 'policy',
  memory: 'One entry per fault, and the last event of each open stream that delegates.',
  judges: 'agent',
  reads: ['fault', ...ANSWERS],
  concerns: ({ faults }) => faults.some(({ target }) => isPeer(target)),
  start: ({ plan, scene: { faults } }) => {
    const { answer_ms_max } = plan.policy;
    const findings = startFindings();
    const lastHeard = new Map<number, StreamEvent>();
    let applied: HistoryEvent | undefined;
    let evidence = 0;

    const judge = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const heard = lastHeard.get(invoke.op_id);
      lastHeard.delete(invoke.op_id);
      const [broken] = peersNeeded(invoke.op).flatMap((peer) => faults.since(invoke, peer));
      if (broken === undefined || faults.touched(invoke)) return;
      const isAnswer = event.type === 'fail' || (event.type === 'ok' && event.value?.ended !== 'by-reader');
      const isGivenUp = event.type === 'info' && event.error.code === 'timeout';
      if (isAnswer || isGivenUp) evidence += 1;
      if (!isGivenUp) return;
      findings.report({
        kind: 'kept-waiting',
        message: 'An agent kept its user waiting because its peer was broken',
        expected: `While "${broken.fault}" is on its ${broken.target}, the agent answers or fails, or says at least something every ${answer_ms_max} ms.`,
        seen: `${invoke.user} heard nothing for ${answer_ms_max} ms${heard === undefined ? '' : ' after the first words'}, and gave up.`,
        users: [invoke.user],
        tasks: [],
        evidence: [applied, invoke, heard, event],
      });
    };

    return {
      add(event, invoke) {
        if (event.type === 'fault' && event.phase === 'applied' && isPeer(event.fault.target)) applied = event;
        if (invoke === undefined || peersNeeded(invoke.op).length === 0) return;
        if (event.type === 'event') lastHeard.set(invoke.op_id, event);
        else judge(event, invoke);
      },
      close: () => ({ evidence, findings: findings.list() }),
    };
  },
};
