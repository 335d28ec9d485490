/**
 * §3.1.1, §3.1.2, §3.1.5: a terminal state is reached once and never left. Answers that crossed on the way may tell an
 * older state; an op that was sent after somebody had seen the end may not. Two disagreements have a better judge: what
 * GetTask says after a stream or a blocking send told the end (fold-equals-get), and after a cancel (cancel-answers).
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { PROTOCOL_OPS } from '../model/op.ts';
import type { KnownTask } from '../model/scene.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isNotTerminal, isReadBack, isStreaming, isTerminal, stateWord } from './parts/reading.ts';

interface End {
  readonly state: string;
  readonly invoke: InvokeEvent;
  readonly event: KeptEvent;
}

interface Ended {
  readonly first: End;
  /** The first one that binds GetTask too: told neither by a stream, nor a blocking send, nor a cancel. */
  read: End | undefined;
}

export const terminalIsFinal: Check = {
  name: 'terminal-is-final',
  title: 'A terminal state is reached once and never left',
  section: '§3.1.1, §3.1.2, §3.1.5',
  memory: 'Two events for each of the latest 10,000 tasks that are over and have not been read back.',
  judges: 'agent',
  reads: ANSWERS,
  ops: PROTOCOL_OPS,
  start: ({ scene: { tasks } }) => {
    const findings = startFindings();
    const ended = tasks.perTask<Ended>();
    const streamsOver = new Set<string>();
    let evidence = 0;

    const examine = (
      task: KnownTask,
      state: string,
      invoke: InvokeEvent,
      event: HistoryEvent,
      taskId: string,
    ): void => {
      const known = ended.get(task);
      if (isTerminal(state)) {
        const end = { state, invoke, event: keep(event) };
        const isRead = !isToldOnly(invoke, state);
        if (known === undefined) ended.set(task, { first: end, read: isRead ? end : undefined });
        else if (isRead) known.read ??= end;
      }
      if (known === undefined) return;
      evidence += 1;
      if (isTerminal(state)) {
        if (state !== known.first.state)
          findings.report(changed(known.first, { state, invoke, event: keep(event) }, taskId));
        return;
      }
      const binding = invoke.op.op === 'GetTask' ? known.read : known.first;
      if (!isNotTerminal(state) || binding === undefined || binding.event.seq > invoke.seq) return;
      // A stream goes on telling what it began with: its first word is enough.
      const stream = `${task.key}\n${invoke.op_id}`;
      if (streamsOver.has(stream)) return;
      if (isStreaming(invoke.op)) streamsOver.add(stream);
      findings.report(left(binding, { state, invoke, event: keep(event) }, taskId));
    };

    return {
      add(event, invoke) {
        if (invoke === undefined) return;
        for (const { taskId, state } of observe(event, invoke)) {
          const task = state === undefined ? undefined : tasks.of(invoke, taskId);
          if (task === undefined || state === undefined) continue;
          examine(task, state, invoke, event, taskId);
          if (isReadBack(invoke) && isTerminal(state)) ended.delete(task);
        }
      },
      close: () => ({ evidence, findings: findings.list() }),
    };
  },
};

/** Ways of telling the end that another check holds GetTask against. */
function isToldOnly({ op }: InvokeEvent, state: string): boolean {
  if (isStreaming(op)) return true;
  if (op.op === 'SendMessage') return op.returnImmediately !== true;
  return op.op === 'CancelTask' && state === 'TASK_STATE_CANCELED';
}

const WORDS: Readonly<Record<string, string>> = {
  TASK_STATE_COMPLETED: 'completed',
  TASK_STATE_FAILED: 'failed',
  TASK_STATE_CANCELED: 'cancelled',
  TASK_STATE_REJECTED: 'rejected',
};

function changed(before: End, after: End, taskId: string): Example {
  const then = stateWord(before.state);
  const now = stateWord(after.state);
  return {
    kind: 'terminal-state-changed',
    message: `A ${WORDS[before.state]} task came back as ${now}`,
    expected: `A task that is ${then} stays ${then}.`,
    seen: `${clip(taskId, 60)} was ${then} in the answer to ${before.invoke.op.op}, and ${now} in the answer to ${after.invoke.op.op}.`,
    users: [before.invoke.user, after.invoke.user],
    tasks: [taskId],
    evidence: [before.invoke, before.event, after.invoke, after.event],
  };
}

function left(before: End, after: End, taskId: string): Example {
  const then = stateWord(before.state);
  const now = stateWord(after.state);
  return {
    kind: 'terminal-state-left',
    message: `A ${WORDS[before.state]} task came back as ${now}`,
    expected: `Whatever is asked after a task was seen ${then} is answered with ${then}.`,
    seen: `${clip(taskId, 60)} was ${then} in the answer to ${before.invoke.op.op}; ${after.invoke.op.op}, sent after that, said ${now}.`,
    users: [before.invoke.user, after.invoke.user],
    tasks: [taskId],
    evidence: [before.invoke, before.event, after.invoke, after.event],
  };
}
