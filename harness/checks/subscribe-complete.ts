/**
 * §3.1.6, §3.5.2: a subscription begins with the task as it is and goes on with all that happens to it, so whoever comes late, or
 * comes back after his stream broke, lacks nothing of what GetTask returns in the end. What it tells too much is judged by
 * fold-equals-get.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import type { KeptEvent } from '../model/kept.ts';
import type { KnownTask } from '../model/scene.ts';
import { startFindings } from './parts/findings.ts';
import { exampleOf, followTold } from './parts/follow-told.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, isStreaming, STREAMS } from './parts/reading.ts';

export const subscribeComplete: Check = {
  name: 'subscribe-complete',
  title: 'A subscription tells the task as it is and everything after, with nothing left out between',
  section: '§3.1.6, §3.5.2',
  memory:
    'As fold-equals-get, for subscriptions only; an entry for each of the latest 10,000 tasks of which a stream broke off.',
  judges: 'agent',
  aspects: ['after-a-break'],
  reads: ANSWERS,
  ops: [...STREAMS, 'GetTask'],
  start: ({ scene }) => {
    const findings = startFindings();
    /** What open streams tell of. */
    const streams = scene.ops.perOp<KnownTask>();
    const broken = scene.tasks.perTask<KeptEvent>();
    let evidence = 0;
    let afterBreak = 0;

    const followed = followTold(
      scene,
      (op) => op.op === 'SubscribeToTask',
      (compared) => {
        const { told, task, difference } = compared;
        const broke = broken.get(task);
        const isReturn = broke !== undefined && broke.seq < told.invoke.seq;
        evidence += 1;
        if (isReturn) afterBreak += 1;
        if (difference?.toldLess !== true) return;
        const example = exampleOf(compared, difference);
        findings.report({
          ...example,
          kind: 'hole-in-subscription',
          message: isReturn
            ? 'Who came back after his stream had broken off was not told all of the task'
            : 'Who subscribed to a task was not told all of it',
          expected: `The first event and all that follow it give what GetTask returns in the end: ${difference.got}.`,
          seen: `The stream of SubscribeToTask told ${difference.told}.`,
          evidence: [...(isReturn ? [broke] : []), ...example.evidence],
        });
      },
    );

    /** Remembers of which tasks a stream ended in the middle. */
    const noteBreak = (event: HistoryEvent, invoke: InvokeEvent): void => {
      if (event.type === 'event') {
        const taskId = observe(event, invoke)[0]?.taskId;
        const task = taskId === undefined ? undefined : scene.tasks.of(invoke, taskId);
        if (task !== undefined && streams.get(invoke) === undefined) streams.set(invoke, task);
        return;
      }
      const task = streams.get(invoke);
      if (task !== undefined && event.type === 'info') broken.set(task, event);
    };

    return {
      add(event, invoke) {
        followed.add(event, invoke);
        if (invoke !== undefined && isStreaming(invoke.op)) noteBreak(event, invoke);
      },
      close: () => ({ evidence, findings: findings.list(), aspects: { 'after-a-break': afterBreak } }),
    };
  },
};
