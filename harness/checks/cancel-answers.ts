/**
 * §3.1.5: CancelTask is answered in time, with a task or with an error, and a task that it calls cancelled is. When
 * the agent cancels in its own time it may say so: a state that is not terminal is a legal answer. The deadline is policy.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { PROTOCOL_OPS } from '../model/op.ts';
import { startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isNotTerminal, isReadBack, isTerminal, stateWord, taskIdOf } from './parts/reading.ts';

interface Cancelled {
  readonly invoke: InvokeEvent;
  readonly event: KeptEvent;
}

export const cancelAnswers: Check = {
  name: 'cancel-answers',
  title: 'CancelTask answers in time, and a task that it calls cancelled is',
  section: '§3.1.5, policy',
  memory: 'A number per ended and two events per cancelled task, for the latest 10,000 that have not been read back.',
  judges: 'agent',
  reads: ANSWERS,
  ops: PROTOCOL_OPS,
  start: ({ plan, scene: { faults, tasks } }) => {
    const { cancel_ms_max } = plan.policy;
    const findings = startFindings();
    const cancelled = tasks.perTask<Cancelled>();
    /** Where the end was first told. */
    const ends = tasks.perTask<number>();
    let evidence = 0;
    let excused = 0;
    let late = 0;

    const judgeTime = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const waited_ms = event.time_ms - invoke.time_ms;
      const isLate = waited_ms > cancel_ms_max;
      if (event.type === 'info' && !isLate) return;
      if (faults.touchedAny(invoke)) {
        excused += 1;
        return;
      }
      const taskId = taskIdOf(invoke.op) ?? '';
      const task = tasks.of(invoke, taskId);
      const wasOver = task !== undefined && (ends.get(task) ?? invoke.seq) < invoke.seq;
      // Only a cancel that met a task at work shows how the agent cancels.
      if (wasOver) late += 1;
      else evidence += 1;
      if (!isLate) return;
      const isAnswered = event.type !== 'info';
      findings.report({
        kind: isAnswered ? 'cancel-answered-late' : 'cancel-not-answered',
        message: isAnswered ? 'CancelTask was answered too late' : 'CancelTask was not answered',
        expected: `CancelTask is answered, one way or the other, within ${cancel_ms_max} ms.`,
        seen: `CancelTask on ${clip(taskId, 60)} ${isAnswered ? 'was answered after' : 'had no answer after'} ${Math.round(waited_ms)} ms.`,
        users: [invoke.user],
        tasks: [taskId],
        evidence: [invoke, event],
      });
    };

    const judgeRead = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const seen = observe(event, invoke)[0];
      const task = seen === undefined ? undefined : tasks.of(invoke, seen.taskId);
      const before = task === undefined ? undefined : cancelled.get(task);
      if (seen === undefined || task === undefined) return;
      if (before !== undefined && isNotTerminal(seen.state) && before.event.seq < invoke.seq) {
        findings.report({
          kind: 'cancel-did-not-hold',
          message: 'CancelTask said that a task was cancelled, and the task went on',
          expected: `A task that CancelTask calls CANCELED is CANCELED for whoever asks afterwards.`,
          seen: `CancelTask on ${clip(seen.taskId, 60)} answered CANCELED; GetTask, sent after that, said ${stateWord(seen.state)}.`,
          users: [before.invoke.user, invoke.user],
          tasks: [seen.taskId],
          evidence: [before.invoke, before.event, invoke, event],
        });
      }
      if (isReadBack(invoke) && isTerminal(seen.state)) {
        cancelled.delete(task);
        ends.delete(task);
      }
    };

    return {
      add(event, invoke) {
        if (invoke === undefined) return;
        if (invoke.op.op === 'CancelTask' && event.type !== 'event') judgeTime(event, invoke);
        for (const { taskId, state } of observe(event, invoke)) {
          const task = isTerminal(state) ? tasks.of(invoke, taskId) : undefined;
          if (task !== undefined && ends.get(task) === undefined) ends.set(task, event.seq);
        }
        if (event.type === 'event') return;
        if (invoke.op.op === 'GetTask') judgeRead(event, invoke);
        if (invoke.op.op !== 'CancelTask') return;
        const seen = observe(event, invoke)[0];
        const task = seen?.state === 'TASK_STATE_CANCELED' ? tasks.of(invoke, seen.taskId) : undefined;
        if (task !== undefined && cancelled.get(task) === undefined)
          cancelled.set(task, { invoke, event: keep(event) });
      },
      close: () => ({
        evidence,
        findings: findings.list(),
        ...noteOf(excused, late),
      }),
    };
  },
};

function noteOf(excused: number, late: number): { readonly note?: string } {
  const notes = [
    excused > 0 ? `${excused} cancels were not judged: a fault was on while they waited.` : '',
    late > 0 ? `${late} cancels came when the task was known to be over: is the phrase for \`slow\` really slow?` : '',
  ].filter((text) => text !== '');
  return notes.length > 0 ? { note: notes.join(' ') } : {};
}
