/** Where sessions have an idle time-out: one that nobody uses is ended in good time, and one in use is not. */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent, SessionHistoryEvent } from '../model/history.ts';
import { isProtocolOp, PROTOCOL_OPS } from '../model/op.ts';
import { startFindings } from './parts/findings.ts';
import { ANSWERS } from './parts/reading.ts';

interface Use {
  readonly opened: HistoryEvent;
  last: HistoryEvent;
  open_ops: number;
}

/** Muster looks four times in that long, and then has agents to stop. */
const SLACK_FACTOR = 2;
const SLACK_MS = 1_000;

export const sessionsIdle: Check = {
  name: 'sessions-idle',
  title: 'A session that nobody uses is ended, and one in use is not',
  section: 'policy',
  memory: 'Two events per open session.',
  aspects: ['ended', 'kept'],
  judges: 'harness',
  reads: ['session', 'invoke', ...ANSWERS],
  ops: PROTOCOL_OPS,
  start: ({ scenario }) => {
    const idle_ms_max = scenario.idle_ms_max ?? Number.POSITIVE_INFINITY;
    const findings = startFindings();
    const sessions = new Map<string, Use>();
    const seen = { ended: 0, kept: 0 };
    let evidence = 0;

    const useOf = (invoke: InvokeEvent): Use | undefined =>
      sessions.size > 0 && isProtocolOp(invoke.op)
        ? sessions.get(invoke.op.agent.slice(0, invoke.op.agent.lastIndexOf('/')))
        : undefined;

    const onUse = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const use = useOf(invoke);
      if (use === undefined) return;
      if (event.type === 'invoke') use.open_ops += 1;
      else if (event.type !== 'event') use.open_ops -= 1;
      use.last = event;
    };

    const onEnd = (event: SessionHistoryEvent & { readonly phase: 'ended' }): void => {
      const use = sessions.get(event.session);
      sessions.delete(event.session);
      if (use === undefined) return;
      const idle_ms = Math.round(event.time_ms - use.last.time_ms);
      const shown = { users: [], tasks: [], evidence: [use.opened, use.last, event] };
      if (event.reason === 'idle') {
        seen.ended += 1;
        evidence += 1;
        if (use.open_ops === 0 && idle_ms >= idle_ms_max / 2) return;
        findings.report({
          kind: 'ended-in-use',
          message: 'A session in use was ended as idle',
          expected: `A session is ended when nobody has used it for ${idle_ms_max} ms.`,
          seen: `"${event.session}" was last used ${idle_ms} ms before, with ${use.open_ops} ops still open.`,
          ...shown,
        });
      } else if (idle_ms > idle_ms_max * SLACK_FACTOR + SLACK_MS) {
        evidence += 1;
        findings.report({
          kind: 'kept-though-idle',
          message: 'A session that nobody used was not ended',
          expected: `A session is ended when nobody has used it for ${idle_ms_max} ms.`,
          seen: `"${event.session}" had not been used for ${idle_ms} ms, and was ended for another reason: ${event.reason}.`,
          ...shown,
        });
      } else if (event.time_ms - use.opened.time_ms > idle_ms_max) {
        seen.kept += 1;
        evidence += 1;
      }
    };

    return {
      add(event, invoke) {
        if (event.type === 'session' && event.phase === 'opened')
          sessions.set(event.session, { opened: event, last: event, open_ops: 0 });
        if (event.type === 'session' && event.phase === 'ended') onEnd(event);
        if (event.type === 'invoke') onUse(event, event);
        else if (invoke !== undefined) onUse(event, invoke);
      },
      close: () => ({
        evidence,
        findings: findings.list(),
        aspects: seen,
      }),
    };
  },
};
