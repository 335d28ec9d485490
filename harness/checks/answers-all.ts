/**
 * Policy: where muster breaks nothing, every message is answered, by whatever the agent has to say; an internal error is no answer, and
 * nothing at all is none either. A refusal is an answer, and so is that the agent is too busy. Scenarios that break or limit
 * anything prove nothing here, and of what is cut off by the agent's own end stays-up tells.
 */
import type { Check } from '../model/check.ts';
import type { FailEvent, HistoryEvent, InvokeEvent } from '../model/history.ts';
import { recordOf } from '../model/record-of.ts';
import { startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, SENDS, textOf } from './parts/reading.ts';

/** Own words of an agent in which something broke, whatever the transport makes of them. */
const BROKEN = /^(InternalError|http-500)$/;

export const answersAll: Check = {
  name: 'answers-all',
  title: 'Every message is answered, and not by an internal error, while nothing is broken by muster',
  section: 'policy',
  memory: 'One number for each stream in flight, and the latest 10,000 tasks.',
  judges: 'agent',
  reads: ['fault', 'invoke', ...ANSWERS],
  ops: [...SENDS, 'HostileRequest'],
  start: ({ plan, scenario, scene: { lives, ops, tasks } }) => {
    const { faults, blocks, neighbours = [], descriptors, servers = 1 } = scenario;
    const isUndisturbed =
      faults.length === 0 &&
      blocks === undefined &&
      neighbours.length === 0 &&
      descriptors === undefined &&
      servers === 1;
    /** Whose messages it was made by. */
    const makers = tasks.perTask<readonly string[]>();
    const findings = startFindings();
    const begun = ops.perOp<true>();
    let evidence = 0;
    let refused = 0;
    let isHurt = false;

    const onFailure = (event: FailEvent, invoke: InvokeEvent): void => {
      const { code, message } = recordOf(event.error);
      const isSilent = code === 'timeout' && begun.get(invoke) === undefined;
      if (!isSilent && !BROKEN.test(textOf(code) ?? '')) {
        refused += 1;
        return;
      }
      const text = isSend(invoke.op) ? clip(invoke.op.text, 60) : '';
      findings.report({
        kind: isSilent ? 'not-answered' : 'internal-error',
        message: isSilent ? 'A message was never answered' : 'A message was answered with an internal error',
        expected: isSilent
          ? `"${text}" is answered within ${plan.policy.answer_ms_max} ms: nothing was broken by muster.`
          : `"${text}" is answered, or refused with a reason: nothing was broken by muster.`,
        seen: isSilent
          ? 'Nothing came.'
          : `The agent said ${clip(textOf(code) ?? '', 40)}: "${clip(textOf(message) ?? '', 120)}".`,
        users: [invoke.user],
        tasks: [],
        evidence: [invoke, event],
      });
    };

    /** What a stream tells of another task later on makes that task nobody's. */
    const learn = (event: HistoryEvent, invoke: InvokeEvent): void => {
      if (event.type === 'event' && event.index > 0) return;
      for (const { taskId } of observe(event, invoke)) {
        const task = tasks.of(invoke, taskId);
        const known = task === undefined ? undefined : makers.get(task);
        if (task !== undefined && known?.includes(invoke.user) !== true)
          makers.set(task, [...(known ?? []), invoke.user]);
      }
    };
    const isOwn = (invoke: InvokeEvent, taskId: string): boolean => {
      const task = tasks.of(invoke, taskId);
      return task !== undefined && makers.get(task)?.includes(invoke.user) === true;
    };

    const judge = (event: HistoryEvent, invoke: InvokeEvent): void => {
      if (event.type === 'event') begun.set(invoke, true);
      else {
        evidence += 1;
        if (event.type === 'fail' || event.type === 'info') onFailure(event, invoke);
      }
    };

    return {
      add(event, invoke) {
        // What bad requests do to others is told by errors-mean-it.
        if (event.type === 'fault' || (event.type === 'invoke' && event.op.op === 'HostileRequest')) isHurt = true;
        if (!isUndisturbed || isHurt) return;
        if (invoke === undefined || !isSend(invoke.op) || lives.lifeOf(invoke) === undefined) return;
        const { taskId } = invoke.op;
        if (taskId === undefined) learn(event, invoke);
        // How a message to somebody else's task is answered is for access-matrix to say.
        if (taskId === undefined || isOwn(invoke, taskId)) judge(event, invoke);
      },
      close: () => ({
        evidence,
        findings: findings.list(),
        ...(refused > 0 && {
          note: `${refused} of ${evidence} messages were refused or lost in ways that accuse nobody.`,
        }),
      }),
    };
  },
};
