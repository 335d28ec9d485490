/**
 * §3.4.1, §13.1, and by policy: a contextId is no secret, and whoever names that of somebody else gets nothing of it. His messages live
 * apart, in a conversation of his own that has the same name, or they are refused as those to a context that never was. What he is
 * told of the owner's words is the business of user-isolation.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { isProtocolOp, type ListTasksOp, type SendOp } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import { stringsIn } from '../model/strings-in.ts';
import { startFindings } from './parts/findings.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, isStreaming, listOf, SENDS, textOf, usersHaveLeft } from './parts/reading.ts';

/** The first message of a user in a context, and what told of it. */
interface Stay {
  readonly user: string;
  readonly invoke: InvokeEvent;
  readonly event: KeptEvent;
}

/** A message into a context that its user was in with no message yet. */
interface Visit {
  readonly agent: string;
  readonly contextId: string;
  /** Who was there before; nothing for a context that nobody was in. */
  readonly owner: Stay | undefined;
  readonly invoke: InvokeEvent;
  readonly event: KeptEvent;
  /** `taken`, or code and status of the error. */
  readonly answer: string;
}

export const contextOwnership: Check = {
  name: 'context-ownership',
  title: 'Whoever names the contextId of somebody else gets nothing of that conversation',
  section: '§13.1, §3.4.1',
  memory:
    'Two events for each user of the latest 10,000 contexts, at most four of each; the owners of the latest 10,000 tasks; one example per kind of answer.',
  aspects: ['visited', 'listed'],
  judges: 'agent',
  reads: ['scenario', ...ANSWERS],
  ops: [...SENDS, 'ListTasks'],
  start: ({ plan, scene: { book, faults, lives, tasks } }) => {
    const findings = startFindings();
    const stays = startLatest<readonly Stay[]>();
    const makers = tasks.perTask<{
      readonly user: string;
      readonly invoke: InvokeEvent;
      readonly event: KeptEvent;
    }>();
    /** By agent, kind of context and answer: the first, and how many. */
    const visits = new Map<string, { readonly first: Visit; count: number }>();
    /** Errors that other messages got, too: a limit on requests, say, answers so whatever is asked for. */
    const answeredAnyway = new Set<string>();
    const seen = { visited: 0, listed: 0 };
    let haveLeft = false;
    let evidence = 0;

    const isJudged = plan.policy.contexts === 'of-one-user';

    const visit = (event: HistoryEvent, invoke: InvokeEvent, op: SendOp): void => {
      const answer = answerOf(event, invoke);
      if (answer === undefined || op.taskId !== undefined || faults.touched(invoke)) return;
      const key = op.contextId === undefined ? undefined : lives.keyOf(invoke, op.contextId);
      const known = key === undefined ? undefined : stays.get(key);
      if (op.contextId === undefined || known?.some(({ user }) => user === invoke.user)) {
        if (answer !== TAKEN) answeredAnyway.add(answer);
        return;
      }
      if (key === undefined || (known === undefined && stays.forgotten > 0)) return;
      const owner = known?.find(({ user, event: told }) => book.isKnownByAgent(user) && told.seq < invoke.seq);
      if (known !== undefined && owner === undefined) return;
      const kind = `${op.agent}\n${owner === undefined ? 'new' : 'foreign'}\n${answer}`;
      const tally = visits.get(kind) ?? {
        first: { agent: op.agent, contextId: op.contextId, owner, invoke, event: keep(event), answer },
        count: 0,
      };
      tally.count += 1;
      visits.set(kind, tally);
    };

    const list = (event: HistoryEvent, invoke: InvokeEvent, { contextId }: ListTasksOp): void => {
      const key = contextId === undefined ? undefined : lives.keyOf(invoke, contextId);
      if (event.type !== 'ok' || contextId === undefined || key === undefined || faults.touched(invoke)) return;
      const others = (stays.get(key) ?? []).filter(
        ({ user, event: told }) => user !== invoke.user && told.seq < invoke.seq,
      );
      if (others.length === 0) return;
      evidence += 1;
      seen.listed += 1;
      for (const task of listOf(recordOf(event.value)['tasks']).map(recordOf)) {
        const id = textOf(task['id']) ?? '';
        const known = tasks.of(invoke, id);
        const maker = known === undefined ? undefined : makers.get(known);
        if (maker === undefined || maker.user === invoke.user || !book.isKnownByAgent(maker.user)) continue;
        // With its owner's words in it, it is told by user-isolation.
        const canary = book.canaryOf(maker.user);
        if (canary !== undefined && stringsIn(task).some((text) => text.toLowerCase().includes(canary))) continue;
        findings.report({
          kind: 'foreign-task-in-context',
          message: 'The list of a conversation showed a task of somebody else',
          expected: `ListTasks by ${invoke.user} of the context ${clip(contextId, 60)} shows tasks of ${invoke.user} only.`,
          seen: `${clip(id, 60)}, which ${maker.user}'s message made, was in the list.`,
          users: [invoke.user, maker.user],
          tasks: [id],
          evidence: [maker.invoke, maker.event, invoke, event],
        });
      }
    };

    const learn = (event: HistoryEvent, invoke: InvokeEvent): void => {
      // What comes later in a stream names no other task.
      if (!isSend(invoke.op) || invoke.op.taskId !== undefined || (event.type === 'event' && event.index > 0)) return;
      const { user } = invoke;
      const told = recordOf(event.type === 'ok' ? event.value : undefined);
      const ids = observe(event, invoke).map(({ taskId, contextId }) => ({ taskId, contextId }));
      for (const { taskId } of ids) {
        const task = tasks.of(invoke, taskId);
        if (task !== undefined && makers.get(task) === undefined)
          makers.set(task, { user, invoke, event: keep(event) });
      }
      for (const contextId of [...ids.map((each) => each.contextId), textOf(recordOf(told['message'])['contextId'])]) {
        const key = contextId === undefined ? undefined : lives.keyOf(invoke, contextId);
        const known = key === undefined ? [] : (stays.get(key) ?? []);
        if (key === undefined || known.length >= STAYS_MAX || known.some((stay) => stay.user === user)) continue;
        stays.set(key, [...known, { user, invoke, event: keep(event) }]);
      }
    };

    return {
      add(event, invoke) {
        haveLeft ||= usersHaveLeft(event);
        if (!isJudged || invoke === undefined || !isProtocolOp(invoke.op) || !book.isKnownByAgent(invoke.user)) return;
        if (isSend(invoke.op)) visit(event, invoke, invoke.op);
        else if (invoke.op.op === 'ListTasks') list(event, invoke, invoke.op);
        learn(event, invoke);
      },
      close() {
        const tallies = [...visits.values()].filter(({ first }) => !answeredAnyway.has(first.answer));
        for (const { first, count } of tallies) {
          if (first.owner === undefined) continue;
          const same = tallies.filter(({ first: other }) => other.owner === undefined && other.agent === first.agent);
          const example = same[0]?.first;
          if (example === undefined) continue;
          evidence += count;
          seen.visited += count;
          // Until all have left somebody may be answered so whatever he says, which acquits the agent.
          if (!haveLeft || same.some(({ first: { answer } }) => answer === first.answer)) continue;
          for (let time = 0; time < count; time += 1) findings.report(revealed(first, example));
        }
        return {
          evidence,
          findings: findings.list(),
          aspects: seen,
          ...(!isJudged && { note: "Contexts are shared (policy contexts), so nobody can be in somebody else's." }),
        };
      },
    };
  },
};

const STAYS_MAX = 4;
const TAKEN = 'taken';

/** Statuses that say that the agent is busy or behind something that is, whoever asks for what. */
const BUSY = /^http-(429|502|503|504)$/;

/** Nothing for what is no answer of the agent to this message. */
function answerOf(event: HistoryEvent, { op }: InvokeEvent): string | undefined {
  if (event.type === 'event') return event.index === 0 ? TAKEN : undefined;
  if (event.type === 'ok') return isStreaming(op) ? undefined : TAKEN;
  if (event.type !== 'fail') return undefined;
  const { code, status } = event.error;
  if (BUSY.test(code) || !/Error$|^http-/.test(code)) return undefined;
  return status === undefined ? code : `${code} (${status})`;
}

function revealed(foreign: Visit, unknown: Visit): Parameters<ReturnType<typeof startFindings>['report']>[0] {
  const { invoke, owner, contextId } = foreign;
  const wordOf = (answer: string): string => (answer === TAKEN ? 'taken' : `refused with ${answer}`);
  return {
    kind: 'context-revealed',
    message:
      'A message into a conversation of somebody else was answered otherwise than one into a conversation that never was',
    expected: `A message by ${invoke.user} into a context of ${owner?.user} is answered like one into a context that never was: it is ${wordOf(unknown.answer)}.`,
    seen: `Into ${clip(contextId, 60)}, which ${owner?.user} is in, it was ${wordOf(foreign.answer)}; into ${clip(unknown.contextId, 60)}, which nobody was in, ${wordOf(unknown.answer)}.`,
    users: [invoke.user, owner?.user ?? ''],
    tasks: [],
    evidence: [owner?.invoke, owner?.event, unknown.invoke, unknown.event, invoke, foreign.event],
  };
}
