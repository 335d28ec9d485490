/**
 * §3.3.1: an agent may know a message that is sent again by its id, and need not. So what becomes of messages that were sent again
 * is counted and told: done once, more than once, or not at all; it accuses only where the policy `sent_again` promises more.
 * A task is that of a message whose id its history holds. What was never listed may be anywhere, so nothing is made of it.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { PROTOCOL_OPS, type SendOp } from '../model/op.ts';
import type { Policy } from '../model/plan.ts';
import { recordOf } from '../model/record-of.ts';
import { messageIdsIn, tasksOfMessages, tasksTold } from '../model/tasks-of-messages.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, textOf } from './parts/reading.ts';

interface Sent {
  readonly op: SendOp;
  readonly invokes: [InvokeEvent, ...InvokeEvent[]];
  /** Where each of its tasks was seen first, by the task's agent, life and id. */
  readonly tasks: Map<string, readonly [taskId: string, seen: KeptEvent]>;
  lastAnswer: KeptEvent | undefined;
  /** Some attempt was answered as done, in whatever form. */
  isAnswered: boolean;
  /** Its user asked for all of his tasks after the last attempt, and could tell from the answer whose they are. */
  listed: KeptEvent | undefined;
}

const ATTEMPTS_MAX = 50;

export const duplicateSend: Check = {
  name: 'duplicate-send',
  title: 'A message that is sent again is done as often as the policy says',
  section: '§3.3.1, policy',
  memory: 'The latest 10,000 messages, with their attempts and tasks.',
  judges: 'agent',
  reads: ['invoke', ...ANSWERS],
  ops: PROTOCOL_OPS,
  start: ({ plan, scene: { ops, tasks: known } }) => {
    const findings = startFindings();
    /** By message id, which somebody else may have used as well. */
    const sends = startLatest<readonly Sent[]>();
    const open = ops.perOp<Sent>();
    /** By open stream: the task that it told of last. */
    const learnt = ops.perOp<string>();

    const sentOf = (invoke: InvokeEvent, messageId: string): Sent | undefined => {
      const own = open.get(invoke);
      if (own?.op.messageId === messageId) return own;
      const agent = agentOf(invoke);
      return sends.get(messageId)?.find(({ op, invokes: [first] }) => first.user === invoke.user && op.agent === agent);
    };

    const begin = (invoke: InvokeEvent, op: SendOp): void => {
      const known = sentOf(invoke, op.messageId);
      const sent = known ?? newSent(op, invoke);
      open.set(invoke, sent);
      if (known === undefined) sends.set(op.messageId, [...(sends.get(op.messageId) ?? []), sent]);
      else if (known.invokes.length < ATTEMPTS_MAX) {
        known.invokes.push(invoke);
        known.listed = undefined;
      }
    };

    const learnAnswer = (event: HistoryEvent, invoke: InvokeEvent): void => {
      if (event.type === 'event') return;
      const sent = open.get(invoke);
      if (sent === undefined) return;
      sent.lastAnswer = keep(event);
      sent.isAnswered ||= event.type === 'ok';
    };

    /** Of a stream its first events are enough, until it tells of another task. */
    const learnTasks = (event: HistoryEvent, invoke: InvokeEvent): void => {
      if (event.type === 'event') {
        const [seen] = observe(event, invoke);
        if (seen !== undefined && learnt.get(invoke) === seen.taskId && tasksTold(event).length === 0) return;
        if (seen !== undefined) learnt.set(invoke, seen.taskId);
      }
      for (const { messageId, taskId } of tasksOfMessages(event, invoke)) {
        const sent = sentOf(invoke, messageId);
        if (sent !== undefined) note(sent, invoke, taskId, event);
      }
    };

    const learnList = (event: HistoryEvent, invoke: InvokeEvent): void => {
      if (event.type !== 'ok' || invoke.op.op !== 'ListTasks' || invoke.op.contextId !== undefined) return;
      const isAll = textOf(recordOf(event.value)['nextPageToken']) === undefined && invoke.op.pageToken === undefined;
      if (!isAll || !tasksTold(event).some((task) => messageIdsIn(task).length > 0)) return;
      for (const sent of everySent()) {
        const [first] = sent.invokes;
        const isMine = first.user === invoke.user && sent.op.agent === invoke.op.agent;
        if (isMine && sent.lastAnswer !== undefined && sent.lastAnswer.seq < invoke.seq) sent.listed ??= keep(event);
      }
    };

    const everySent = (): readonly Sent[] => [...sends.values()].flat();

    const note = ({ tasks }: Sent, invoke: InvokeEvent, taskId: string, event: HistoryEvent): void => {
      const key = known.of(invoke, taskId)?.key;
      if (key !== undefined && !tasks.has(key)) tasks.set(key, [taskId, keep(event)]);
    };

    return {
      add(event, invoke) {
        if (event.type === 'invoke' && isSend(event.op)) begin(event, event.op);
        if (invoke === undefined) return;
        learnTasks(event, invoke);
        if (isSend(invoke.op)) learnAnswer(event, invoke);
        learnList(event, invoke);
      },
      close() {
        const count = { once: 0, again: 0, never: 0, unknown: 0 };
        for (const sent of everySent()) {
          if (sent.invokes.length < 2) continue;
          const done = doneOf(sent);
          count[done] += 1;
          if (breaks(done, plan.policy.sent_again)) findings.report(exampleOf(done, sent, plan.policy.sent_again));
        }
        const known = count.once + count.again + count.never;
        const all = known + count.unknown;
        return {
          // Where any will do, an agent whose tasks cannot be counted, for it answers with messages or lists none, keeps to it as well.
          evidence: plan.policy.sent_again === 'any' ? all : known,
          findings: findings.list(),
          ...(all > 0 && {
            note: `Of ${all} messages that were sent again ${count.once} were done once, ${count.again} more than once and ${count.never} not at all; of ${count.unknown} nobody knows. The policy sent_again is ${plan.policy.sent_again}.`,
          }),
        };
      },
    };
  },
};

const agentOf = ({ op }: InvokeEvent): string => ('agent' in op ? op.agent : '');

const newSent = (op: SendOp, invoke: InvokeEvent): Sent => ({
  op,
  invokes: [invoke],
  tasks: new Map(),
  lastAnswer: undefined,
  isAnswered: false,
  listed: undefined,
});

type Done = 'once' | 'again' | 'never' | 'unknown';

function doneOf({ tasks, listed, isAnswered }: Sent): Done {
  if (tasks.size > 1) return 'again';
  if (listed === undefined) return 'unknown';
  if (tasks.size === 1) return 'once';
  // Answered with a message, and so without a task to count.
  return isAnswered ? 'unknown' : 'never';
}

const breaks = (done: Done, policy: Policy['sent_again']): boolean =>
  (done === 'again' && (policy === 'at-most-once' || policy === 'exactly-once')) ||
  (done === 'never' && (policy === 'at-least-once' || policy === 'exactly-once'));

function exampleOf(
  done: Done,
  { op, invokes, tasks, lastAnswer, listed }: Sent,
  policy: Policy['sent_again'],
): Example {
  const all = [...tasks.values()];
  const [first] = invokes;
  return {
    kind: done === 'again' ? 'done-again' : 'never-done',
    message:
      done === 'again'
        ? 'A message that was sent again because its answer got lost was done again'
        : 'A message that was sent again because its answer got lost was never done',
    expected: `The policy sent_again is ${policy}: a message that comes again under its id is the same message.`,
    seen: `"${clip(op.text, 60)}" was sent ${invokes.length} times under the id ${clip(op.messageId, 60)}, and made ${all.length} tasks.`,
    users: first === undefined ? [] : [first.user],
    tasks: all.map(([taskId]) => taskId),
    evidence: [first, invokes.at(-1), ...all.map(([, seen]) => seen), listed ?? lastAnswer],
  };
}
