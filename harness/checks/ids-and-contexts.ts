/**
 * §3.4: the agent makes the ids of its tasks, and none is ever given to another task, not after a restart either; a message goes to
 * the task and the context that it names, or it is refused. What the agent may do as it likes accuses nobody: whether it takes a
 * contextId that the client made up, and whether it lets one user's messages without one share a context. A2A 0.3 does not say what becomes
 * of a message whose task is of another context than the one that it names.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { PROTOCOL_OPS, type SendOp } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import type { Life } from '../model/scene.ts';
import { messageIdsIn } from '../model/tasks-of-messages.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, isStreaming, isTerminal, stateOf, textOf } from './parts/reading.ts';

interface KnownTask {
  readonly id: string;
  /** The agent's life in which it was told of; a later one need not know it any more. */
  readonly life: Life | undefined;
  /** The message that made it, where that is known. */
  readonly made?: InvokeEvent;
  readonly told: KeptEvent;
  contextId?: string;
  over?: KeptEvent;
}

type Sent = InvokeEvent & { readonly op: SendOp };

/** What a message was answered with: a task, or a Message. */
interface Reply {
  readonly taskId: string | undefined;
  readonly contextId: string | undefined;
  readonly state: string | undefined;
  readonly history: readonly string[];
}

export const idsAndContexts: Check = {
  name: 'ids-and-contexts',
  title: 'Tasks have ids of their own, and messages go to the task and context that they name or are refused',
  section: '§3.4, §3.1.1',
  memory:
    'Three events for each of the latest 10,000 tasks, two for each of the latest 10,000 contexts, the ids of the latest 10,000 messages to a task, and the names of agents of A2A 0.3.',
  aspects: ['unknown', 'mismatched', 'inferred'],
  judges: 'agent',
  reads: ['agent', ...ANSWERS],
  ops: PROTOCOL_OPS,
  start: ({ plan, scene: { book, faults, lives, tasks: table } }) => {
    const findings = startFindings();
    const tasks = startLatest<KnownTask>();
    /** The same by life, as all that is told of a task within one is of the same. */
    const inLife = table.perTask<KnownTask>();
    const contexts = startLatest<{ readonly sent: Sent; readonly event: KeptEvent }>();
    /** How often an agent of this name was ended for good: the next one is another agent. */
    const ended = new Map<string, number>();
    const of03 = new Set<string>();
    /** By the id of its message: one that is sent again was taken when the task was not over yet. */
    const toTasks = startLatest<true>();
    const seen = { unknown: 0, mismatched: 0, inferred: 0 };
    let evidence = 0;

    const keyOf = ({ op }: InvokeEvent, id: string): string => {
      const agent = 'agent' in op ? op.agent : '';
      return `${agent}\n${ended.get(agent) ?? 0}\n${id}`;
    };

    const find = (invoke: InvokeEvent, id: string): KnownTask | undefined => {
      const task = table.of(invoke, id);
      return (task && inLife.get(task)) ?? tasks.get(keyOf(invoke, id));
    };

    const remember = (invoke: InvokeEvent, known: KnownTask): KnownTask => {
      const task = table.of(invoke, known.id);
      if (task !== undefined) inLife.set(task, known);
      tasks.set(keyOf(invoke, known.id), known);
      return known;
    };

    const report = (
      example: Pick<Example, 'kind' | 'message' | 'expected' | 'seen'>,
      sent: InvokeEvent,
      event: HistoryEvent,
      known?: KnownTask,
    ): void =>
      findings.report({
        ...example,
        users: [sent.user, ...(known?.made === undefined ? [] : [known.made.user])],
        tasks: known === undefined ? [] : [known.id],
        evidence: [known?.made, known?.told, known?.over, sent, event],
      });

    const judgeNew = (event: HistoryEvent, sent: Sent, { taskId, contextId }: Reply): void => {
      const { op } = sent;
      if (op.contextId !== undefined && contextId !== undefined && contextId !== op.contextId) {
        report(contextReplaced(op.contextId, contextId), sent, event);
      }
      const known = taskId === undefined ? undefined : find(sent, taskId);
      const isAnother = known?.made !== undefined && isSend(known.made.op) && known.made.op.messageId !== op.messageId;
      const isOthers = known?.made !== undefined && known.made.user !== sent.user;
      // Who is given somebody else's task is in its context, too.
      if (contextId !== undefined && op.contextId === undefined && !isAnother && !isOthers)
        judgeContext(event, sent, contextId);
      if (taskId === undefined) return;
      evidence += 1;
      const life = lives.lifeOf(sent);
      if (known !== undefined && isAnother && !isSameTask(known, sent, life)) {
        report(idGivenTwice(known, life), sent, event, known);
      }
      if (known === undefined || isAnother) remember(sent, { id: taskId, life, made: sent, told: keep(event) });
    };

    const judgeContext = (event: HistoryEvent, sent: Sent, contextId: string): void => {
      const key = lives.keyOf(sent, contextId);
      const first = key === undefined ? undefined : contexts.get(key);
      if (key !== undefined && first === undefined) contexts.set(key, { sent, event: keep(event) });
      if (first === undefined || plan.policy.contexts !== 'of-one-user' || first.sent.user === sent.user) return;
      if (!book.isKnownByAgent(sent.user) || !book.isKnownByAgent(first.sent.user)) return;
      findings.report({
        kind: 'context-shared',
        message: 'The agent put messages of two users, neither of whom had named a context, into the same one',
        expected: `A context belongs to one user (policy contexts): ${sent.user} is given another one than ${first.sent.user}.`,
        seen: `Both were given ${clip(contextId, 60)}.`,
        users: [sent.user, first.sent.user],
        tasks: [],
        evidence: [first.sent, first.event, sent, event],
      });
    };

    /** A message that names a task was answered, and not with an error. */
    const judgeAccepted = (event: HistoryEvent, sent: Sent, reply: Reply): void => {
      const { op } = sent;
      const named = op.taskId ?? '';
      const known = find(sent, named);
      if (reply.state === 'TASK_STATE_REJECTED' || reply.state === 'TASK_STATE_FAILED') return;
      if (known === undefined) {
        if (tasks.forgotten === 0) report(unknownAccepted(named), sent, event);
        return;
      }
      if (!isOwn(known, sent)) return;
      const wasOver = known.over !== undefined && known.over.seq < sent.seq;
      if (isMismatch(known, op)) {
        if (!of03.has(op.agent)) report(mismatchAccepted(known, op), sent, event, known);
      } else if (wasOver && (reply.taskId !== named || isTaken(reply, op))) {
        report(terminalAnswered(known, reply), sent, event, known);
      } else if (reply.contextId !== undefined && known.contextId !== undefined && reply.taskId === undefined) {
        if (reply.contextId !== known.contextId) report(contextChanged(known, reply.contextId), sent, event, known);
      }
    };

    const isTaken = ({ history }: Reply, { messageId, agent }: SendOp): boolean =>
      history.includes(messageId) &&
      toTasks.get(messageId) === undefined &&
      toTasks.forgotten === 0 &&
      !of03.has(agent);

    const isOwn = ({ made, life }: KnownTask, sent: Sent): boolean =>
      life !== undefined &&
      life === lives.lifeOf(sent) &&
      (made === undefined || made.user === sent.user || !book.isKnownByAgent(sent.user));

    const countTried = (sent: Sent): void => {
      const known = find(sent, sent.op.taskId ?? '');
      if (known === undefined ? tasks.forgotten > 0 : !isOwn(known, sent)) return;
      evidence += 1;
      if (known === undefined) seen.unknown += 1;
      else if (known.over !== undefined) return;
      else if (isMismatch(known, sent.op)) seen.mismatched += 1;
      else if (sent.op.contextId === undefined) seen.inferred += 1;
    };

    const examine = (event: HistoryEvent, sent: Sent): void => {
      const reply = replyOf(event);
      const isDefinite = reply !== undefined || event.type === 'fail';
      if (sent.op.taskId === undefined) {
        if (reply !== undefined) judgeNew(event, sent, reply);
      } else if (isDefinite && !faults.touched(sent)) {
        countTried(sent);
        if (reply !== undefined) judgeAccepted(event, sent, reply);
      }
      if (sent.op.taskId !== undefined) toTasks.set(sent.op.messageId, true);
    };

    const learn = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const life = lives.lifeOf(invoke);
      for (const { taskId, contextId, state } of observe(event, invoke)) {
        const known = find(invoke, taskId) ?? remember(invoke, { id: taskId, life, told: keep(event) });
        if (known.life !== life || life === undefined) continue;
        if (isTerminal(state)) known.over ??= keep(event);
        if (contextId === undefined || faults.falsified(invoke)) continue;
        known.contextId ??= contextId;
        const isMismatched = isSend(invoke.op) && isMismatch(known, invoke.op);
        if (known.contextId === contextId || isMismatched) continue;
        report(contextChanged(known, contextId), invoke, event, known);
        known.contextId = contextId;
      }
    };

    return {
      add(event, invoke) {
        if (event.type === 'agent' && event.phase === 'stopped') {
          ended.set(event.agent, (ended.get(event.agent) ?? 0) + 1);
        }
        if (event.type === 'agent' && event.phase === 'ready' && event.card.protocol === '0.3') of03.add(event.agent);
        if (invoke === undefined) return;
        if (isSent(invoke) && isFirstWord(event, invoke)) examine(event, invoke);
        learn(event, invoke);
      },
      close: () => ({ evidence, findings: findings.list(), aspects: seen }),
    };
  },
};

const isSent = (invoke: InvokeEvent): invoke is Sent => isSend(invoke.op);

/** A stream is answered with its first event, or with its failure when there was none. */
const isFirstWord = (event: HistoryEvent, { op }: InvokeEvent): boolean =>
  event.type === 'event' ? event.index === 0 : !isStreaming(op) || event.type === 'fail';

function replyOf(event: HistoryEvent): Reply | undefined {
  if (event.type !== 'ok' && event.type !== 'event') return undefined;
  const told = recordOf(event.type === 'ok' ? event.value : event.payload);
  const update = recordOf(told['statusUpdate'] ?? told['artifactUpdate']);
  const task = recordOf(told['task']);
  const [taskId, state] = [textOf(task['id'] ?? update['taskId']), stateOf(task) ?? stateOf(update)];
  const message = recordOf(told['message']);
  if (taskId === undefined && Object.keys(message).length === 0) return undefined;
  const contextId = textOf(task['contextId'] ?? update['contextId'] ?? message['contextId']);
  return { taskId, state, contextId, history: messageIdsIn(task) };
}

const isMismatch = ({ contextId }: KnownTask, op: SendOp): boolean =>
  op.contextId !== undefined && contextId !== undefined && op.contextId !== contextId;

/**
 * The message may have gone on with a task of its user that was still open: one of the context that it names. That one of two messages
 * that name nothing was answered with the other's task is told by answer-is-mine, as long as the agent lives.
 */
function isSameTask(
  { made, over, contextId, life }: KnownTask,
  { user, seq, op }: Sent,
  now: Life | undefined,
): boolean {
  if (op.contextId === undefined && isFresh(made)) return life === now;
  const wasOver = over !== undefined && over.seq < seq;
  if (made?.user !== user || wasOver) return false;
  return op.contextId === undefined ? life === now : op.contextId === contextId;
}

const isFresh = (made: InvokeEvent | undefined): boolean =>
  made !== undefined && isSend(made.op) && made.op.taskId === undefined && made.op.contextId === undefined;

type Wrong = Pick<Example, 'kind' | 'message' | 'expected' | 'seen'>;

function idGivenTwice({ id, life }: KnownTask, now: Life | undefined): Wrong {
  const isLater = life !== now;
  return {
    kind: isLater ? 'task-id-given-again' : 'task-id-given-twice',
    message: `A new task was given the id of another one${isLater ? ', from before the agent was started again' : ''}`,
    expected: 'Every new task has an id that no other task has or had.',
    seen: `${clip(id, 60)} was the id of another message's task before.`,
  };
}

const unknownAccepted = (taskId: string): Wrong => ({
  kind: 'unknown-task-accepted',
  message: 'A message to a task that never was got an answer',
  expected: `A message to ${clip(taskId, 60)}, an id that the agent gave to nobody, is refused with TaskNotFoundError.`,
  seen: 'It was answered.',
});

const mismatchAccepted = ({ id, contextId = '' }: KnownTask, op: SendOp): Wrong => ({
  kind: 'mismatch-accepted',
  message: 'A message was taken that named a task and a context that do not belong together',
  expected: `A message to ${clip(id, 60)}, which is of the context ${clip(contextId, 60)}, is refused when it names another context.`,
  seen: `It named ${clip(op.contextId ?? '', 60)}, and was answered.`,
});

const terminalAnswered = ({ id }: KnownTask, { taskId = 'a Message' }: Reply): Wrong => ({
  kind: 'terminal-task-answered',
  message: 'A message to a task that was over got an answer',
  expected: `A message to ${clip(id, 60)}, which was over, is refused.`,
  seen: `It was answered with ${taskId === id ? 'that task, and is in its history' : clip(taskId, 60)}.`,
});

const contextReplaced = (asked: string, given: string): Wrong => ({
  kind: 'context-replaced',
  message: 'A message that named a context was put into another one',
  expected: `A message of the context ${clip(asked, 60)} is answered in that context, or refused.`,
  seen: `It was answered in ${clip(given, 60)}.`,
});

const contextChanged = ({ id, contextId = '' }: KnownTask, given: string): Wrong => ({
  kind: 'context-changed',
  message: 'A task was told to be of another context than before',
  expected: `${clip(id, 60)} stays in the context ${clip(contextId, 60)}, also when a message names the task only.`,
  seen: `It was told to be in ${clip(given, 60)}.`,
});
