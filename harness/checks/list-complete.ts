/**
 * §3.1.4: whoever walks the pages of ListTasks meets each task of his exactly once, newest first, and nobody else's. While tasks come
 * and change, that is certain only of those that were over before the first page was asked for. An agent may have thrown
 * away what is over: that a task is missing counts only once the task itself was seen again.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { type ListTasksOp, PROTOCOL_OPS } from '../model/op.ts';
import { type Json, recordOf } from '../model/record-of.ts';
import { stringsIn } from '../model/strings-in.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { filtersOf, isoOf, problemsOf, shapeOf } from './parts/list-page.ts';
import { followWalks, isExpected, missingTask, type Walk } from './parts/list-walks.ts';
import { type Observation, observe } from './parts/observations.ts';
import { followOwnTasks, statusTimestamp } from './parts/own-tasks.ts';
import { ANSWERS, clip, isSend, isTerminal, listOf, stateOf, stateWord, textOf } from './parts/reading.ts';
import { followSends } from './parts/sends-under-way.ts';

const NOT_OFFERED = /^(UnsupportedOperationError|MethodNotFoundError|http-(404|405|501))$/;

interface Page {
  readonly invoke: InvokeEvent;
  readonly event: HistoryEvent;
  readonly op: ListTasksOp;
  readonly tasks: readonly Json[];
}

export const listComplete: Check = {
  name: 'list-complete',
  title: 'The pages of ListTasks hold each task of the user once, newest first, and what the filter asks for',
  section: '§3.1.4, §3.2.4',
  memory: 'Two events for each of the latest 10,000 tasks, and 200 walks of at most 1,000 tasks that have not ended.',
  aspects: ['walked', 'changing', 'filtered'],
  judges: 'agent',
  reads: ['invoke', ...ANSWERS],
  ops: PROTOCOL_OPS,
  start: ({ scene: { book, faults, lives, ops, tasks } }) => {
    const findings = startFindings();
    const own = followOwnTasks({ lives, tasks });
    const sends = followSends({ ops });
    const walks = followWalks();
    const owners = tasks.perTask<string>();
    /** Tasks that a list did not show, until they are seen again. */
    const missing = tasks.perTask<{ readonly example: Omit<Example, 'evidence'>; readonly evidence: KeptEvent[] }>();
    const seen = { walked: 0, changing: 0, filtered: 0 };
    let evidence = 0;
    let refused = 0;
    let vanished = 0;
    let hasTasks = false;

    const accuse = (
      { invoke, event }: Page,
      example: Pick<Example, 'kind' | 'message' | 'expected' | 'seen'>,
      more: {
        readonly tasks?: readonly string[];
        readonly users?: readonly string[];
        readonly before?: readonly (KeptEvent | undefined)[];
      } = {},
    ): void => {
      findings.report({
        ...example,
        shape: shapeOf(invoke),
        users: [invoke.user, ...(more.users ?? [])],
        tasks: more.tasks ?? [],
        evidence: [...(more.before ?? []), invoke, event],
      });
    };

    const examineTask = (page: Page, task: Json): void => {
      const id = textOf(task['id']) ?? '';
      const settled = own.of(page.invoke).get(id);
      if (
        page.op.status !== undefined &&
        settled?.over !== undefined &&
        settled.over.event.seq < page.invoke.seq &&
        settled.over.state !== page.op.status
      ) {
        accuse(
          page,
          {
            kind: 'filter-ignored',
            message: 'ListTasks returned a task that the filter does not ask for',
            expected: `Only tasks that are ${stateWord(page.op.status)}.`,
            seen: `${clip(id, 60)} was in the list, and had been told to be ${stateWord(settled.over.state)} before.`,
          },
          { tasks: [id], before: [settled.over.invoke, settled.over.event] },
        );
      }
      const known = tasks.of(page.invoke, id);
      const owner = known === undefined ? undefined : owners.get(known);
      // A list of one conversation is the business of context-ownership.
      if (owner === undefined || owner === page.invoke.user || page.op.contextId !== undefined) return;
      if (!book.isKnownByAgent(owner) || !book.isKnownByAgent(page.invoke.user)) return;
      // Names that may be taken for one another are for identity-edge.
      if (book.kinshipOf(page.invoke.user, owner) !== undefined) return;
      // With its owner's words in it, it is told by user-isolation.
      const canary = book.canaryOf(owner);
      if (canary !== undefined && stringsIn(task).some((text) => text.toLowerCase().includes(canary))) return;
      accuse(
        page,
        {
          kind: 'foreign-task-listed',
          message: 'ListTasks returned a task of somebody else',
          expected: `ListTasks by ${page.invoke.user} returns tasks of ${page.invoke.user} only.`,
          seen: `${clip(id, 60)}, which ${owner}'s message made, was in the list.`,
        },
        { tasks: [id], users: [owner] },
      );
    };

    const join = (page: Page, walk: Walk): void => {
      const mine = own.of(page.invoke);
      const onPage = new Set<string>();
      for (const task of page.tasks) {
        const id = textOf(task['id']);
        if (id === undefined) continue;
        const before = walk.seen.get(id);
        if (onPage.has(id) || before?.isOver === true) {
          accuse(
            page,
            {
              kind: 'listed-twice',
              message: 'ListTasks returned a task twice on the way through its pages',
              expected: `A task that does not change any more is on one page${onPage.has(id) ? ', once' : ''}.`,
              seen: `${clip(id, 60)} was on this page ${onPage.has(id) ? 'twice' : 'and on one before'}.`,
            },
            { tasks: [id], before: [walk.first, before?.event] },
          );
        }
        onPage.add(id);
        if (!walk.seen.has(id)) walk.seen.set(id, { event: keep(page.event), isOver: isTerminal(stateOf(task)) });
        const over = mine.get(id)?.over;
        if (over !== undefined && over.event.seq < walk.first.seq) order(page, walk, id, statusTimestamp(task));
      }
      walk.pages += 1;
      walk.totals.add(recordOf(toldBy(page.event))['totalSize']);
    };

    const order = (page: Page, walk: Walk, id: string, timestamp_ms: number): void => {
      if (Number.isNaN(timestamp_ms)) return;
      const { oldest } = walk;
      if (oldest === undefined || timestamp_ms <= oldest.timestamp_ms) {
        walk.oldest = { timestamp_ms, id, event: keep(page.event) };
        return;
      }
      accuse(
        page,
        {
          kind: 'out-of-order',
          message: 'ListTasks did not return the newest tasks first',
          expected: 'Tasks come in the order of the timestamps of their states, the newest first.',
          seen: `${clip(id, 60)}, of ${isoOf(timestamp_ms)}, came after ${clip(oldest.id, 60)}, of ${isoOf(oldest.timestamp_ms)}; both had been over before.`,
        },
        { tasks: [oldest.id, id], before: [oldest.event] },
      );
    };

    /** The last page has come. */
    const conclude = (page: Page, walk: Walk): void => {
      let expected = 0;
      for (const task of own.of(page.invoke).values()) {
        if (!isExpected(task, walk)) continue;
        expected += 1;
        const known = tasks.of(page.invoke, task.id);
        if (walk.seen.has(task.id) || known === undefined) continue;
        missing.set(known, {
          example: missingTask(task, walk),
          evidence: [task.made, task.over?.invoke, task.over?.event, walk.first, page.invoke, keep(page.event)].filter(
            (one) => one !== undefined,
          ),
        });
      }
      evidence += expected;
      if (expected > 0) {
        if (walk.pages > 1) seen.walked += 1;
        if (walk.pages > 1 && own.changedAt(page.invoke) > walk.first.seq) seen.changing += 1;
        if (isFiltered(walk.list)) seen.filtered += 1;
      }
      const [total, ...others] = walk.totals;
      if (typeof total !== 'number' || others.length > 0 || total === walk.seen.size) return;
      if (walk.list.status !== undefined || walk.list.statusTimestampAfter !== undefined) return;
      if (!book.isKnownByAgent(page.invoke.user) || !sends.quietSince(walk.first)) return;
      accuse(
        page,
        {
          kind: 'total-untrue',
          message: 'ListTasks told how many tasks there are, and it was not true',
          expected: `totalSize is how many tasks all pages together hold: ${walk.seen.size}. Nothing of ${page.invoke.user} changed meanwhile.`,
          seen: `totalSize was ${total} on every page.`,
        },
        { before: [walk.first] },
      );
    };

    const examine = (event: HistoryEvent, invoke: InvokeEvent, op: ListTasksOp): void => {
      if (event.type === 'fail' && NOT_OFFERED.test(event.error.code)) refused += 1;
      if (faults.touched(invoke)) return;
      const value = recordOf(toldBy(event));
      const page: Page = { invoke, event, op, tasks: listOf(value['tasks']).map(recordOf) };
      const isRefused = event.type === 'fail' && event.error.code === 'InvalidParamsError';
      if (event.type !== 'ok' && !isRefused) return;
      const walk = walks.at(invoke, op);
      if (isRefused) {
        if (op.pageToken === undefined || walk === undefined) return;
        accuse(
          page,
          {
            kind: 'token-refused',
            message: 'ListTasks refused the token that it had given for the next page',
            expected: 'A nextPageToken leads to the next page.',
            seen: `${clip(op.pageToken, 60)} was refused.`,
          },
          { before: [walk.first] },
        );
        return;
      }
      evidence += 1;
      for (const { taskId, ...problem } of problemsOf(op, value)) {
        accuse(page, problem, taskId === undefined ? {} : { tasks: [taskId] });
      }
      for (const task of page.tasks) examineTask(page, task);
      if (walk === undefined) return;
      join(page, walk);
      const token = textOf(value['nextPageToken']);
      if (token === undefined) conclude(page, walk);
      else walks.goOn(invoke, walk, token);
    };

    /** What was missing has been seen after the list had been told to be at its end. */
    const find = (event: HistoryEvent, invoke: InvokeEvent, observed: readonly Observation[]): void => {
      if (invoke.op.op !== 'GetTask' && invoke.op.op !== 'ListTasks') return;
      for (const { taskId } of observed) {
        const task = tasks.of(invoke, taskId);
        const lost = task === undefined ? undefined : missing.get(task);
        const end = lost?.evidence.at(-1);
        if (task === undefined || lost === undefined || end === undefined || invoke.seq < end.seq) continue;
        missing.delete(task);
        findings.report({ ...lost.example, evidence: [...lost.evidence.slice(0, -1), invoke, event, end] });
      }
    };

    return {
      add(event, invoke) {
        sends.add(event, invoke);
        if (invoke === undefined) return;
        if (invoke.op.op === 'ListTasks') examine(event, invoke, invoke.op);
        const observed = observe(event, invoke);
        if (observed.length === 0) return;
        find(event, invoke, observed);
        own.learn(event, invoke, observed);
        // What comes later in a stream names no other task.
        if (!isSend(invoke.op) || invoke.op.taskId !== undefined || (event.type === 'event' && event.index > 0)) return;
        for (const { taskId } of observed) {
          const task = tasks.of(invoke, taskId);
          if (task !== undefined && owners.get(task) === undefined) owners.set(task, invoke.user);
          hasTasks = true;
        }
      },
      close() {
        for (const _ of missing.values()) vanished += 1;
        const notes = [
          refused > 0 ? `The agent refused ListTasks ${refused} times: it does not offer it here.` : '',
          evidence > 0 && !hasTasks ? 'No message was answered with a task, so there was nothing to list.' : '',
          hasTasks && evidence > 0 && seen.walked === 0
            ? 'No list had more than one page with tasks in it that were over.'
            : '',
          vanished > 0
            ? `${vanished} tasks that were over were in no list and were not seen again: nobody knows whether the agent still has them.`
            : '',
        ].filter((note) => note !== '');
        return {
          evidence,
          findings: findings.list(),
          aspects: seen,
          ...(notes.length > 0 && { note: notes.join(' ') }),
        };
      },
    };
  },
};

const toldBy = (event: HistoryEvent): unknown => (event.type === 'ok' ? event.value : undefined);
const isFiltered = (op: ListTasksOp): boolean => filtersOf(op).length > 0;
