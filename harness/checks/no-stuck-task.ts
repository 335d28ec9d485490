/**
 * §3.2.2: once traffic has stopped and every fault is healed, each task comes to an end or waits for its user. A task
 * whose agent was killed is not judged: the agent need not remember it. How long a task may take to end is policy. In a load, where
 * nobody reads back what its user has seen the end of, that end is believed.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { PROTOCOL_OPS } from '../model/op.ts';
import { startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import {
  ANSWERS,
  clip,
  isInterrupted,
  isNotTerminal,
  isReadBack,
  isTerminal,
  stateWord,
  taskIdOf,
} from './parts/reading.ts';

/** What is known of a task that is not known to have ended. */
interface Pending {
  readonly taskId: string;
  readonly invoke: InvokeEvent;
  readonly seen: KeptEvent;
  read?: { readonly invoke: InvokeEvent; readonly event: KeptEvent; readonly state: string | undefined };
}

/** The last look of a task may fall just before the time is over. */
const LAST_LOOK_MS = 250;

export const noStuckTask: Check = {
  name: 'no-stuck-task',
  title: 'After traffic has stopped every task is over or waits for its user',
  section: '§3.2.2',
  memory: 'Two events for each of the latest 10,000 tasks that have not been read back as over.',
  judges: 'agent',
  reads: ['scenario', ...ANSWERS],
  ops: PROTOCOL_OPS,
  start: ({ plan, scene: { tasks } }) => {
    const { settle_ms_max } = plan.policy;
    const findings = startFindings();
    const pending = tasks.perTask<Pending>();
    const over = tasks.perTask<true>();
    let reading_back_ms: number | undefined;
    let evidence = 0;

    const learn = (event: HistoryEvent, invoke: InvokeEvent): void => {
      for (const { taskId, state } of observe(event, invoke)) {
        const task = tasks.of(invoke, taskId);
        if (task === undefined) continue;
        if (plan.load !== undefined && over.get(task) === undefined && isTerminal(state)) {
          evidence += 1;
          over.set(task, true);
          pending.delete(task);
        } else if (!isReadBack(invoke)) {
          if (reading_back_ms === undefined && pending.get(task) === undefined && over.get(task) === undefined)
            pending.set(task, { taskId, invoke, seen: keep(event) });
        } else if (isTerminal(state) || isInterrupted(state)) {
          evidence += 1;
          pending.delete(task);
        } else {
          const known = pending.get(task) ?? { taskId, invoke, seen: keep(event) };
          pending.set(task, { ...known, read: { invoke, event: keep(event), state } });
        }
      }
    };

    /** A task that could not be read back in the end is not judged by how it was read before. */
    const forget = (invoke: InvokeEvent): void => {
      const taskId = isReadBack(invoke) ? taskIdOf(invoke.op) : undefined;
      const task = taskId === undefined ? undefined : tasks.of(invoke, taskId);
      const known = task === undefined ? undefined : pending.get(task);
      if (known !== undefined) delete known.read;
    };

    return {
      add(event, invoke) {
        if (event.type === 'scenario' && event.phase === 'reading-back') reading_back_ms = event.time_ms;
        if (invoke === undefined) return;
        if (event.type === 'fail' || event.type === 'info') forget(invoke);
        else learn(event, invoke);
      },
      close() {
        let unjudged = pending.forgotten;
        for (const { taskId, invoke, seen, read } of pending.values()) {
          const waited_ms = (read?.event.time_ms ?? 0) - (reading_back_ms ?? Number.POSITIVE_INFINITY);
          if (read === undefined || !isNotTerminal(read.state) || waited_ms < settle_ms_max - LAST_LOOK_MS) {
            unjudged += 1;
            continue;
          }
          evidence += 1;
          findings.report({
            kind: 'stuck-task',
            message: `A task was still ${stateWord(read.state)} long after traffic had stopped`,
            expected: `Within ${settle_ms_max} ms after traffic has stopped and faults are healed, a task is over or waits for its user.`,
            seen: `${clip(taskId, 60)} was ${stateWord(read.state)} when it was read for the last time, ${Math.round(waited_ms)} ms after reading back began.`,
            users: [invoke.user],
            tasks: [taskId],
            evidence: [invoke, seen, read.invoke, read.event],
          });
        }
        return {
          evidence,
          findings: findings.list(),
          ...(unjudged > 0 && {
            note: `${unjudged} tasks were not judged: their agent had been stopped, or they were not read back to the end.`,
          }),
        };
      },
    };
  },
};
