/**
 * §3.2.2: a blocking send answers when its task is over or waits for its user, and one that asks to return immediately does not wait
 * for that. A task may well be over at once, so who asked not to wait is believed to have waited only if all who asked so
 * were answered with work that was done, as late as those who did wait for the same. That a blocking answer holds all artifacts is
 * judged by fold-equals-get. The answer is the latest state, and where another message to the task was under way that may be the state of
 * another turn: such answers are not judged.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import type { SendOp } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { clip, isSend, isTerminal, SENDS, stateOf, stateWord, textOf, usersHaveLeft } from './parts/reading.ts';

interface Answered {
  readonly invoke: InvokeEvent;
  readonly event: HistoryEvent;
  readonly after_ms: number;
}

/** All answers to one kind of work of one agent. */
interface Work {
  /** The soonest of those who waited, and of those who did not want to. */
  soonestWaited: Answered | undefined;
  soonestAtOnce: Answered | undefined;
  atOnce: number;
  /** Some answer did not wait for the end. */
  isHeeded: boolean;
}

/** What is shorter may as well be over at once. */
const WORK_MS_MIN = 60;
const SAMPLES_MIN = 3;

export const blockingWaits: Check = {
  name: 'blocking-waits',
  title: 'Who waits is answered when the work is done or waits for him, and who asks not to wait does not wait',
  section: '§3.2.2',
  memory: 'Two answers for each behaviour of each agent, and the messages to tasks that are under way.',
  judges: 'agent',
  aspects: ['blocking', 'immediate'],
  reads: ['scenario', 'invoke', 'ok', 'fail', 'info'],
  ops: SENDS,
  start: () => {
    const findings = startFindings();
    const works = new Map<string, Work>();
    const counts = { blocking: 0, immediate: 0 };
    const company = followCompany();
    let haveLeft = false;

    const onWaited = (answered: Answered, op: SendOp, work: Work): void => {
      const task = taskIn(answered.event);
      const state = stateOf(task);
      counts.blocking += 1;
      if (isTerminal(state)) work.soonestWaited = sooner(work.soonestWaited, answered);
      if (state === undefined || !/_(SUBMITTED|WORKING)$/.test(state)) return;
      findings.report({
        kind: 'answers-while-working',
        message: 'A blocking send was answered while its task was still going on',
        expected: `"${clip(op.text, 60)}" was sent to wait: it is answered when the task is over or needs its user.`,
        seen: `It was answered with the state ${stateWord(state)}.`,
        users: [answered.invoke.user],
        tasks: [textOf(task['id']) ?? ''],
        evidence: [answered.invoke, answered.event],
      });
    };

    const onAtOnce = (answered: Answered, work: Work): void => {
      counts.immediate += 1;
      work.atOnce += 1;
      work.isHeeded ||= !isTerminal(stateOf(taskIn(answered.event)));
      work.soonestAtOnce = sooner(work.soonestAtOnce, answered);
    };

    return {
      add(event, invoke) {
        haveLeft ||= usersHaveLeft(event);
        const hadCompany = company.add(event, invoke);
        if (event.type !== 'ok' || invoke?.op.op !== 'SendMessage' || hadCompany) return;
        // A Message is the whole answer either way.
        if (event.value?.task === undefined) return;
        const { op } = invoke;
        const key = `${op.agent}\n${op.behaviour}`;
        const work = works.get(key) ?? {
          soonestWaited: undefined,
          soonestAtOnce: undefined,
          atOnce: 0,
          isHeeded: false,
        };
        works.set(key, work);
        const answered = { invoke, event, after_ms: event.time_ms - invoke.time_ms };
        if (op.returnImmediately === true) onAtOnce(answered, work);
        else onWaited(answered, op, work);
      },
      close() {
        for (const work of works.values()) {
          const example = haveLeft ? unheeded(work) : undefined;
          if (example !== undefined) findings.report(example);
        }
        return { evidence: counts.blocking + counts.immediate, findings: findings.list(), aspects: { ...counts } };
      },
    };
  },
};

/** Tells at the end of a message to a task whether another one to it was under way meanwhile. */
function followCompany(): { add(event: HistoryEvent, invoke: InvokeEvent | undefined): boolean } {
  const open = new Map<string, Set<number>>();
  const crowded = new Set<number>();
  return {
    add(event, invoke) {
      const send = event.type === 'invoke' ? event : invoke;
      if (send === undefined || event.type === 'event' || !isSend(send.op) || send.op.taskId === undefined)
        return false;
      const key = `${send.op.agent}\n${send.op.taskId}`;
      const together = open.get(key) ?? new Set();
      open.set(key, together);
      if (event.type === 'invoke') {
        together.add(event.op_id);
        if (together.size > 1) for (const op_id of together) crowded.add(op_id);
        return false;
      }
      // What nobody knows the end of may go on.
      if (event.type !== 'info') together.delete(send.op_id);
      if (together.size === 0) open.delete(key);
      return crowded.delete(send.op_id);
    },
  };
}

const taskIn = (event: HistoryEvent) => recordOf(event.type === 'ok' ? recordOf(event.value)['task'] : undefined);

const sooner = (a: Answered | undefined, b: Answered): Answered =>
  a !== undefined && a.after_ms <= b.after_ms ? a : b;

function unheeded({ soonestWaited: waited, soonestAtOnce: atOnce, ...work }: Work): Example | undefined {
  if (waited === undefined || atOnce === undefined || work.isHeeded || work.atOnce < SAMPLES_MIN) return undefined;
  if (waited.after_ms < WORK_MS_MIN || atOnce.after_ms < waited.after_ms / 2) return undefined;
  return {
    kind: 'waits-though-told-not-to',
    message: 'Sends that asked to return immediately were answered when all the work was done',
    expected: 'A send with returnImmediately is answered as soon as there is a task, while that is still in progress.',
    seen: `All ${work.atOnce} were answered with tasks that were over, the soonest after ${Math.round(atOnce.after_ms)} ms; who waited for the same was answered after ${Math.round(waited.after_ms)} ms.`,
    users: [waited.invoke.user, atOnce.invoke.user],
    tasks: [textOf(taskIn(atOnce.event)['id']) ?? ''],
    evidence: [waited.invoke, waited.event, atOnce.invoke, atOnce.event],
  };
}
