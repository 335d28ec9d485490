/**
 * §13.1: users whose names are easily taken for one another share nothing. Whoever reads a task of his kin is an accusation only
 * where strangers could not have read it, and he could not read theirs: an agent that shares with everybody is access-matrix's, and
 * tasks that are open to all, or a user who may see all, are the agent's own business.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import type { AgentName } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import { startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, listOf, SENDS, textOf } from './parts/reading.ts';

/** How one user fared with the tasks of another. */
interface Attempt {
  readonly asker: string;
  readonly owner: string;
  readonly agent: AgentName;
  refused: boolean;
  reached: { readonly taskId: string; readonly invoke: InvokeEvent; readonly event: KeptEvent } | undefined;
}

const ATTEMPTS_MAX = 10_000;
const NOT_YOURS = /^(TaskNotFoundError|http-40[134])$/;

export const identityEdge: Check = {
  name: 'identity-edge',
  title: 'Users whose names are easily taken for one another share nothing',
  section: '§13.1, §5.1',
  memory:
    'The owners of the latest 10,000 tasks, and one entry for each of at most 10,000 pairs of users who have names.',
  judges: 'agent',
  reads: ANSWERS,
  ops: [...SENDS, 'GetTask', 'ListTasks'],
  start: ({ scene: { book, faults, tasks } }) => {
    const findings = startFindings();
    const owners = tasks.perTask<string>();
    const attempts = new Map<string, Attempt>();

    const attemptOf = (asker: string, owner: string, agent: AgentName): Attempt | undefined => {
      const key = `${agent}\n${asker}\n${owner}`;
      const known = attempts.get(key);
      if (known !== undefined || attempts.size >= ATTEMPTS_MAX) return known;
      const attempt: Attempt = { asker, owner, agent, refused: false, reached: undefined };
      attempts.set(key, attempt);
      return attempt;
    };

    const examine = (taskId: string, event: HistoryEvent, invoke: InvokeEvent, agent: AgentName): void => {
      const task = tasks.of(invoke, taskId);
      const owner = task === undefined ? undefined : owners.get(task);
      if (owner === undefined || owner === invoke.user || book.nameOf(owner) === undefined) return;
      const attempt = attemptOf(invoke.user, owner, agent);
      if (attempt === undefined) return;
      if (event.type === 'ok') attempt.reached ??= { taskId, invoke, event: keep(event) };
      else if (event.type === 'fail' && NOT_YOURS.test(event.error.code)) attempt.refused = true;
    };

    const isBarred = (one: Attempt, other: Attempt): boolean =>
      one.agent === other.agent &&
      other.refused &&
      other.reached === undefined &&
      book.kinshipOf(other.asker, other.owner) === undefined;

    /** What kinship could explain, and nothing else does. */
    const isTelling = (attempt: Attempt): boolean => {
      const others = [...attempts.values()].filter((other) => isBarred(attempt, other));
      return others.some(({ owner }) => owner === attempt.owner) && others.some(({ asker }) => asker === attempt.asker);
    };

    return {
      add(event, invoke) {
        if (invoke === undefined || book.nameOf(invoke.user) === undefined) return;
        const { op } = invoke;
        // What comes later in a stream names no other task.
        if (isSend(op) && op.taskId === undefined && (event.type !== 'event' || event.index === 0)) {
          for (const { taskId } of observe(event, invoke)) {
            const task = tasks.of(invoke, taskId);
            if (task !== undefined && owners.get(task) === undefined) owners.set(task, invoke.user);
          }
        }
        if (faults.touched(invoke)) return;
        if (op.op === 'GetTask') examine(op.taskId, event, invoke, op.agent);
        if (op.op !== 'ListTasks' || event.type !== 'ok') return;
        for (const task of listOf(recordOf(event.value)['tasks'])) {
          const taskId = textOf(recordOf(task)['id']);
          if (taskId !== undefined) examine(taskId, event, invoke, op.agent);
        }
      },
      close() {
        let evidence = 0;
        for (const attempt of attempts.values()) {
          const { asker, owner, reached } = attempt;
          const kinship = book.kinshipOf(asker, owner);
          if (kinship === undefined || !isTelling(attempt)) continue;
          evidence += 1;
          if (reached === undefined) continue;
          findings.report({
            kind: `shared-${kinship.kind}`,
            message: `Users whose names ${kinship.words} share tasks`,
            expected: `Nothing of ${book.nameTold(owner)} is there for ${book.nameTold(asker)}, as it is not for others.`,
            seen: `${reached.invoke.op.op} by ${asker}, who is ${book.nameTold(asker)}, gave task ${clip(reached.taskId, 60)} of ${owner}, who is ${book.nameTold(owner)}.`,
            users: [asker, owner],
            tasks: [reached.taskId],
            evidence: [book.arrivalOf(owner), book.arrivalOf(asker), reached.invoke, reached.event],
          });
        }
        return { evidence, findings: findings.list() };
      },
    };
  },
};
