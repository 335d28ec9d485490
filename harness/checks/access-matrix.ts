/**
 * §3.3.2, §13.1: whoever asks for a task of somebody else is answered exactly as if it did not exist. What that answer is,
 * is learnt in the same run, from the same operation on an id that the agent never gave to anybody.
 */

import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { AGENT_OPS, isProtocolOp, type Op } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import { startFindings } from './parts/findings.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, listOf, taskIdOf, textOf, usersHaveLeft } from './parts/reading.ts';

interface Probe {
  readonly operation: string;
  readonly taskId: string;
  /** Whose task it is; empty for an id that nobody was given. */
  readonly owner: string;
  readonly invoke: InvokeEvent;
  readonly event: KeptEvent;
  /** `ok`, or code and status of the error. */
  readonly answer: string;
}

interface Tally {
  readonly first: Probe;
  count: number;
}

export const accessMatrix: Check = {
  name: 'access-matrix',
  title: 'A task of somebody else answers exactly as a task that does not exist',
  section: '§3.3.2, §13.1',
  memory: 'The owners of the latest 10,000 tasks, their ids in any life, and one example per kind of answer.',
  judges: 'agent',
  reads: ['scenario', ...ANSWERS],
  ops: AGENT_OPS,
  start: ({ scene: { book, faults, ops, tasks } }) => {
    const findings = startFindings();
    /** The user whose message made it. */
    const owners = tasks.perTask<string>();
    /** Agent and id of every task that any answer told of, in any life. */
    const given = startLatest<true>();
    /** Those of them that are in the table of tasks. */
    const isGiven = tasks.perTask<true>();
    /** By open stream: the task that it told of last. */
    const learnt = ops.perOp<string>();
    const foreign = new Map<string, Tally>();
    /** Probes of ids that nobody was given: the first of each kind of answer. */
    const unknown = new Map<string, Probe>();
    /** Open streams on foreign tasks that have told something. */
    const telling = ops.perOp<true>();
    /** Answers that ops got which are no probes: they say nothing about whose a task is. */
    const answeredAnyway = new Set<string>();
    let haveLeft = false;
    let granted = 0;
    let anonymous = 0;
    let forgotten = 0;

    const learn = (event: HistoryEvent, invoke: InvokeEvent): void => {
      for (const { taskId } of observe(event, invoke)) {
        if (learnt.get(invoke) === taskId) continue;
        if (event.type === 'event') learnt.set(invoke, taskId);
        const task = tasks.of(invoke, taskId);
        if (isProtocolOp(invoke.op) && (task === undefined || isGiven.get(task) === undefined))
          given.set(`${invoke.op.agent}\n${taskId}`, true);
        if (task !== undefined) isGiven.set(task, true);
        // What comes later in a stream names no other task.
        const isFirst = event.type !== 'event' || event.index === 0;
        const isNew = isSend(invoke.op) && invoke.op.taskId === undefined && isFirst;
        if (task !== undefined && isNew && owners.get(task) === undefined) owners.set(task, invoke.user);
      }
    };

    const grant = (probe: Omit<Probe, 'answer'>): void => {
      granted += 1;
      const { operation, invoke, owner, taskId } = probe;
      findings.report({
        kind: 'foreign-task-granted',
        message: `${operation} worked on a task of somebody else`,
        expected: `${operation} by ${invoke.user} on a task of ${owner} fails as it does on a task that does not exist.`,
        seen: `${operation} by ${invoke.user} on ${clip(taskId, 60)}, which ${owner}'s message made, succeeded.`,
        users: [invoke.user, owner],
        tasks: [taskId],
        evidence: [invoke, probe.event],
      });
    };

    const examine = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const { operation, taskId } = probedBy(invoke.op);
      if (taskId === undefined) answeredAnyway.add(answerOf(event) ?? '');
      if (taskId === undefined || !isProtocolOp(invoke.op) || faults.touched(invoke)) return;
      const task = tasks.of(invoke, taskId);
      const owner = task === undefined ? undefined : owners.get(task);
      // Names that may be taken for one another are for identity-edge.
      if (owner !== undefined && book.kinshipOf(invoke.user, owner) !== undefined) return;
      if (owner === invoke.user || (owner === undefined && given.has(`${invoke.op.agent}\n${taskId}`))) {
        answeredAnyway.add(answerOf(event) ?? '');
        return;
      }
      if (owner === undefined && given.forgotten > 0) {
        forgotten += 1;
        return;
      }
      if (!book.isKnownByAgent(invoke.user) || (owner !== undefined && !book.isKnownByAgent(owner))) {
        anonymous += 1;
        return;
      }
      const probe = { operation, taskId, owner: owner ?? '', invoke, event: keep(event) };
      if (event.type === 'event') {
        const isTold = observe(event, invoke).some((seen) => seen.taskId === taskId);
        if (owner === undefined || !isTold || telling.get(invoke)) return;
        telling.set(invoke, true);
        grant(probe);
        return;
      }
      if (telling.get(invoke)) return;
      const answer = answerOf(event);
      if (answer === undefined) return;
      const kind = `${nameOf(probe)}\n${answer}`;
      if (owner === undefined) unknown.set(kind, unknown.get(kind) ?? { ...probe, answer });
      else if (answer === 'ok' && givesAway(event, invoke, taskId)) grant(probe);
      else {
        const tally = foreign.get(kind) ?? { first: { ...probe, answer }, count: 0 };
        tally.count += 1;
        foreign.set(kind, tally);
      }
    };

    return {
      add(event, invoke) {
        haveLeft ||= usersHaveLeft(event);
        if (invoke === undefined) return;
        examine(event, invoke);
        learn(event, invoke);
      },
      close() {
        const references = [...unknown.values()].filter(
          ({ invoke, taskId }) => !given.has(`${agentOf(invoke)}\n${taskId}`),
        );
        let compared = 0;
        let withoutReference = 0;
        for (const { first, count } of foreign.values()) {
          const same = references.filter((reference) => nameOf(reference) === nameOf(first));
          const example = same[0];
          if (example === undefined) {
            withoutReference += count;
            continue;
          }
          compared += count;
          // Until all have left somebody may be answered so whatever he asks for, which acquits the agent.
          if (!haveLeft || isNotFound(first) || same.some(({ answer }) => answer === first.answer)) continue;
          // A limit on requests, say, answers so whatever is asked for.
          if (first.answer !== 'ok' && !isA2aError(first) && answeredAnyway.has(first.answer)) continue;
          for (let time = 0; time < count; time += 1) findings.report(revealed(first, example));
        }
        const notes = [
          anonymous > 0
            ? `${anonymous} probes by or of anonymous users prove nothing: they have no access to lack.`
            : '',
          withoutReference > 0
            ? `${withoutReference} probes of somebody else's task were not judged: the same operation was not tried on an id that does not exist.`
            : '',
          forgotten > 0
            ? `${forgotten} requests were not judged: so many tasks came after the one they ask for, if there was one, that nobody remembers whose it was.`
            : '',
        ].filter((note) => note !== '');
        return {
          evidence: compared + granted,
          findings: findings.list(),
          ...(notes.length > 0 && { note: notes.join(' ') }),
        };
      },
    };
  },
};

/** A message that refers to one task and is sent to none asks for it as well. */
function probedBy(op: Op): { readonly operation: string; readonly taskId: string | undefined } {
  const taskId = taskIdOf(op);
  if (taskId !== undefined || !isSend(op)) return { operation: op.op, taskId };
  const references = listOf(op.referenceTaskIds);
  return references.length === 1
    ? { operation: `${op.op} with a reference`, taskId: textOf(references[0]) }
    : { operation: op.op, taskId };
}

const agentOf = ({ op }: InvokeEvent): string => (isProtocolOp(op) ? op.agent : '');
/** By transport too, since each has statuses of its own. */
const nameOf = ({ invoke, operation }: Pick<Probe, 'invoke' | 'operation'>): string =>
  `${agentOf(invoke)}\n${invoke.transport ?? ''}\n${operation}`;

/** What §3.3.2 asks for; that an id which never was is answered in another way reveals nothing. */
const isNotFound = ({ answer }: Probe): boolean => answer.startsWith('TaskNotFoundError');

/** An error of §3.3.2 speaks of the task; others may speak of the agent's own troubles. */
const isA2aError = ({ answer }: Probe): boolean =>
  /^(PushNotificationNotSupported|UnsupportedOperation|TaskNotCancelable|ContentTypeNotSupported)Error/.test(answer);

function revealed(foreign: Probe, unknown: Probe): Parameters<ReturnType<typeof startFindings>['report']>[0] {
  const { operation, invoke, owner, taskId } = foreign;
  return {
    kind: 'existence-revealed',
    message: `${operation} told apart a task of somebody else from one that does not exist`,
    expected: `${operation} on a task of ${owner} is answered like ${operation} on a task that does not exist: ${unknown.answer}.`,
    seen: `${operation} by ${invoke.user} on ${clip(taskId, 60)}, which ${owner}'s message made, was answered with ${foreign.answer}; on ${clip(unknown.taskId, 60)}, which never existed, with ${unknown.answer}.`,
    users: [invoke.user, owner],
    tasks: [taskId],
    evidence: [unknown.invoke, unknown.event, invoke, foreign.event],
  };
}

/** Statuses that say that the agent is busy or behind something that is, whoever asks for what. */
const BUSY = new Set(['http-429', 'http-502', 'http-503', 'http-504']);

/** Nothing for what is no answer of the agent to this request. */
function answerOf(event: HistoryEvent): string | undefined {
  if (event.type === 'ok') return 'ok';
  if (event.type !== 'fail') return undefined;
  const { code, status } = event.error;
  if (BUSY.has(code) || !/Error$|^http-/.test(code)) return undefined;
  return status === undefined ? code : `${code} (${status})`;
}

/** A success that is one whatever the agent says of tasks that do not exist; an empty list may be said of both. */
function givesAway(event: HistoryEvent, { op }: InvokeEvent, taskId: string): boolean {
  if (event.type !== 'ok') return false;
  const value = recordOf(event.value);
  return (
    op.op === 'CreateTaskPushNotificationConfig' ||
    recordOf(value['task'])['id'] === taskId ||
    Object.keys(recordOf(value['config'])).length > 0 ||
    listOf(value['configs']).length > 0
  );
}
