/**
 * §3.1.1: the answer to a message is about that message. It holds the message's own token where the phrasebook promises
 * so, or that of an earlier message to the same task, and none of a message that the same user sent in another conversation.
 * Memory within a conversation is legal, and so is silence: where the agent does not say which conversation it means, nothing is held against it.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import type { KeptEvent } from '../model/kept.ts';
import type { SendOp } from '../model/op.ts';
import { type Json, recordOf } from '../model/record-of.ts';
import { stringsIn } from '../model/strings-in.ts';
import { type Answer, gather, holdsOwnToken, isComplete, marksOf, shownOf, startAnswer } from './parts/answers.ts';
import { CANARY_LENGTH, marksIn } from './parts/canaries.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, SENDS, taskIdOf, textOf } from './parts/reading.ts';

/** One message, and what the answer told of where it belongs. */
interface Sent {
  readonly invoke: InvokeEvent;
  readonly op: SendOp;
  taskId: string | undefined;
  contextId: string | undefined;
  /** Somebody sent another message to its task: the answer may be to that one. */
  isContested: boolean;
}

interface Suspicion {
  readonly sent: Sent;
  readonly others: readonly Sent[];
  readonly token: string;
  readonly event: KeptEvent;
}

const SUSPICIONS_MAX = 10_000;

export const answerIsMine: Check = {
  name: 'answer-is-mine',
  title: 'The answer to a message is about that message and no other',
  section: '§3.1.1',
  memory:
    'The latest 10,000 messages and the latest 10,000 tasks, and the text of the answers that are still coming in.',
  judges: 'agent',
  reads: ['invoke', ...ANSWERS],
  ops: [...SENDS, 'GetTask'],
  start: ({ scene: { book, faults, ops, tasks } }) => {
    const findings = startFindings();
    const byToken = startLatest<readonly Sent[]>();
    const byTask = tasks.perTask<readonly Sent[]>();
    const open = ops.perOp<{ readonly sent: Sent; readonly answer: Answer }>();
    const suspicions: Suspicion[] = [];
    let evidence = 0;

    const begin = (invoke: InvokeEvent, op: SendOp): void => {
      const { taskId, contextId } = op;
      const sent: Sent = { invoke, op, taskId, contextId, isContested: false };
      const token = op.token.toLowerCase();
      // One that users share names nobody, and nobody looks for it.
      if (book.userOf(token.slice(0, CANARY_LENGTH)) !== undefined)
        byToken.set(token, [...(byToken.get(token) ?? []), sent]);
      open.set(invoke, { sent, answer: startAnswer(op.token, taskId === undefined) });
      if (taskId !== undefined)
        belongsTo(
          sent,
          taskId,
          [...open.values()].some((one) => one.sent !== sent && one.sent.taskId === taskId),
        );
    };

    /** Notes that a message went to a task; with more than one at a time nobody can say whose answer it is. */
    const belongsTo = (sent: Sent, taskId: string, isBusy: boolean): void => {
      const task = tasks.of(sent.invoke, taskId);
      if (task === undefined) return;
      const before = byTask.get(task) ?? [];
      if (before.includes(sent)) return;
      for (const other of before) other.isContested = true;
      // What was said to a task before may have been forgotten.
      const isMaker = sent.op.taskId === undefined || byTask.forgotten === 0;
      if (isBusy || (before.length === 0 && !isMaker)) sent.isContested = true;
      byTask.set(task, [...before, sent]);
    };

    const learn = (event: HistoryEvent, sent: Sent): void => {
      const message = recordOf(
        event.type === 'event'
          ? recordOf(event.payload)['message']
          : event.type === 'ok'
            ? recordOf(event.value)['message']
            : undefined,
      );
      sent.contextId ??= textOf(message['contextId']);
      for (const { taskId, contextId } of observe(event, sent.invoke)) {
        sent.contextId ??= contextId;
        if (sent.taskId !== undefined) continue;
        sent.taskId = taskId;
        const task = tasks.of(sent.invoke, taskId);
        const maker = task === undefined ? undefined : byTask.get(task)?.[0];
        if (maker !== undefined && isFresh(maker.op) && isFresh(sent.op) && areDifferent(maker, sent)) {
          // Whose task it is shows by the canary in it: a greater wrong, told by user-isolation.
          const isTold = maker.invoke.user !== sent.invoke.user && holdsForeignMark(event, sent);
          if (!isTold) findings.report(anotherTask(sent, maker, event));
        }
        belongsTo(sent, taskId, false);
      }
    };

    const holdsForeignMark = (event: HistoryEvent, { invoke }: Sent): boolean => {
      const isForeign = (canary: string): boolean => {
        const user = book.userOf(canary);
        return user !== undefined && user !== invoke.user;
      };
      return stringsIn(payloadOf(event)).some((text) => marksIn(text, isForeign).length > 0);
    };

    /** An agent that asked back may answer the question that it was asked first. */
    const goesOn = ({ invoke, op }: Sent, answer: Answer): boolean => {
      const task = op.taskId === undefined ? undefined : tasks.of(invoke, op.taskId);
      const before = task === undefined ? [] : (byTask.get(task) ?? []);
      const marks = new Set([...marksOf(answer).keys()].flatMap(readingsOf));
      return before.some((other) => marks.has(other.op.token.toLowerCase()));
    };

    const suspect = (sent: Sent, answer: Answer): void => {
      const own = sent.op.token.toLowerCase();
      for (const [mark, event] of marksOf(answer)) {
        const names = readingsOf(mark);
        if (names.includes(own) || suspicions.length >= SUSPICIONS_MAX) continue;
        const others = names.flatMap((name) => byToken.get(name) ?? []);
        if (others.length > 0) suspicions.push({ sent, others, token: mark, event });
      }
    };

    /** Nothing more will come of this answer. */
    const judge = (sent: Sent, answer: Answer, event: HistoryEvent): void => {
      suspect(sent, answer);
      if (event.type !== 'ok' || faults.falsified(sent.invoke)) return;
      evidence += 1;
      if (!sent.op.echoes || sent.isContested || !isComplete(answer) || answer.hasForeignMark) return;
      if (recordOf(event.value)['ended'] === 'by-reader' || holdsOwnToken(answer) || goesOn(sent, answer)) return;
      findings.report(ownTokenMissing(sent, answer, event));
    };

    /** A task that was answered before it was done is read later: that is the rest of the answer. */
    const judgeRead = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const taskId = taskIdOf(invoke.op);
      const task = taskId === undefined || event.type !== 'ok' ? undefined : tasks.of(invoke, taskId);
      const sent = task === undefined ? undefined : byTask.get(task)?.[0];
      if (sent?.op.op !== 'SendMessage' || sent.isContested || event.type !== 'ok') return;
      const answer = startAnswer(sent.op.token, true);
      gather(answer, recordOf(event.value), event, book);
      if (isComplete(answer)) judge(sent, answer, event);
    };

    return {
      add(event, invoke) {
        if (event.type === 'invoke' && isSend(event.op)) begin(event, event.op);
        if (invoke === undefined) return;
        if (invoke.op.op === 'GetTask') judgeRead(event, invoke);
        const one = open.get(invoke);
        if (one === undefined) return;
        if (event.type === 'event' || event.type === 'ok') {
          learn(event, one.sent);
          gather(one.answer, payloadOf(event), event, book);
        }
        if (event.type !== 'event') judge(one.sent, one.answer, event);
      },
      close() {
        for (const { sent, answer } of open.values()) suspect(sent, answer);
        for (const suspicion of suspicions) {
          const { sent, others } = suspicion;
          const elsewhere = others.find((other) => areApart(sent, other));
          if (elsewhere !== undefined && others.every((other) => areApart(sent, other))) {
            findings.report(anotherToken(suspicion, elsewhere));
          }
        }
        return { evidence, findings: findings.list() };
      },
    };
  },
};

const payloadOf = (event: HistoryEvent): Json =>
  event.type === 'event' ? recordOf(event.payload) : event.type === 'ok' ? recordOf(event.value) : {};

const isFresh = ({ taskId, contextId }: SendOp): boolean => taskId === undefined && contextId === undefined;

/** The same message sent again may well get the same task. */
const areDifferent = (a: Sent, b: Sent): boolean =>
  a.invoke.user !== b.invoke.user || a.op.messageId !== b.op.messageId;

/** Whether two messages certainly were in different conversations with the same agent. */
function areApart(a: Sent, b: Sent): boolean {
  if (a.op.agent !== b.op.agent || (a.taskId !== undefined && a.taskId === b.taskId)) return false;
  return a.contextId !== undefined && b.contextId !== undefined && a.contextId !== b.contextId;
}

/** A digit of the text after it may have been read as part of a token: `…x0x1` and `2 items` as `…x0x12`. */
function readingsOf(mark: string): readonly string[] {
  const readings = [mark];
  for (let shorter = mark.slice(0, -1); /x\d+x\d+$/.test(shorter); shorter = shorter.slice(0, -1))
    readings.push(shorter);
  return readings;
}

function anotherTask(sent: Sent, maker: Sent, event: HistoryEvent): Example {
  const taskId = sent.taskId ?? '';
  const isOthers = maker.invoke.user !== sent.invoke.user;
  return {
    kind: 'task-of-another-message',
    message: `A new message was answered with the task of another ${isOthers ? 'user' : 'message'}`,
    expected: `The message "${clip(sent.op.text, 60)}", which names no task and no context, gets a task of its own.`,
    seen: `It was answered with ${clip(taskId, 60)}, which the message "${clip(maker.op.text, 60)}"${isOthers ? ` of ${maker.invoke.user}` : ''} had made.`,
    users: [maker.invoke.user, sent.invoke.user],
    tasks: [taskId],
    evidence: [maker.invoke, sent.invoke, event],
  };
}

function ownTokenMissing(sent: Sent, answer: Answer, event: HistoryEvent): Example {
  return {
    kind: 'own-token-missing',
    message: 'An answer was complete without what it was asked to repeat',
    expected: `The phrasebook promises that the answer to "${clip(sent.op.text, 60)}" repeats ${sent.op.token}.`,
    seen: `The answer was complete and said "${clip(shownOf(answer), 120)}".`,
    users: [sent.invoke.user],
    tasks: sent.taskId === undefined ? [] : [sent.taskId],
    evidence: [sent.invoke, ...answer.events, event],
  };
}

function anotherToken({ sent, token, event }: Suspicion, other: Sent): Example {
  return {
    kind: 'token-of-another-message',
    message: 'An answer held what the same user had said in another conversation',
    expected: `The answer to "${clip(sent.op.text, 60)}" in context ${clip(sent.contextId ?? '', 40)} holds nothing of context ${clip(other.contextId ?? '', 40)}.`,
    seen: `It held ${token}, which belongs to "${clip(other.op.text, 60)}".`,
    users: [sent.invoke.user],
    tasks: [sent.taskId, other.taskId].filter((id) => id !== undefined),
    evidence: [other.invoke, sent.invoke, event],
  };
}
