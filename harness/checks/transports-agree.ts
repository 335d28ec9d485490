/**
 * §5.1, §5.4: an agent is one agent, whichever of its transports it is spoken to over. What it grants, how it refuses, what a task
 * holds and what becomes of the same words are compared over transports, for one user at a time; tasks of somebody else are
 * the business of access-matrix.
 */
import type { Transport } from '../model/a2a.ts';
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { isProtocolOp, PROTOCOL_OPS } from '../model/op.ts';
import type { KnownTask } from '../model/scene.ts';
import { type Situation, startAgreeingAnswers } from './parts/agreeing-answers.ts';
import { startAgreeingReads } from './parts/agreeing-reads.ts';
import { startAgreeingStories } from './parts/agreeing-stories.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, isSend, isStreaming, isTerminal, taskIdOf } from './parts/reading.ts';
import { followSpoken } from './parts/spoken.ts';

interface End {
  readonly taskId: string;
  readonly event: KeptEvent;
  readonly invoke: InvokeEvent;
  readonly transport: Transport;
}

export const transportsAgree: Check = {
  name: 'transports-agree',
  title: 'An agent says and does the same over each of its transports',
  section: '§5.1, §5.4',
  memory:
    'Eight reads of each of the latest 10,000 tasks, as hashes; three answers for each of the latest 10,000 kinds of request of a user, per transport.',
  judges: 'agent',
  reads: ['agent', ...ANSWERS],
  ops: PROTOCOL_OPS,
  start: ({ plan, scene: { faults, tasks } }) => {
    const findings = startFindings();
    const spoken = followSpoken();
    /** Agent and id of every task that any answer told of, in any life. */
    const given = startLatest<true>();
    const owners = tasks.perTask<string>();
    const ends = tasks.perTask<End>();
    const reads = startAgreeingReads(findings.report);
    const answers = startAgreeingAnswers(findings.report);
    const stories = startAgreeingStories(findings.report);
    let ended = 0;

    const situationOf = (invoke: InvokeEvent): Situation | undefined => {
      const taskId = taskIdOf(invoke.op);
      if (taskId === undefined) return 'no task';
      if (!isGiven(invoke, taskId)) return given.forgotten > 0 ? undefined : 'a task that never was';
      const task = tasks.of(invoke, taskId);
      const end = task === undefined ? undefined : ends.get(task);
      const isOwn = task !== undefined && owners.get(task) === invoke.user;
      return isOwn && end !== undefined && end.event.seq < invoke.seq ? 'an own task that is over' : undefined;
    };
    const isGiven = ({ op }: InvokeEvent, taskId: string): boolean =>
      isProtocolOp(op) && given.has(`${op.agent}\n${taskId}`);

    const learn = (event: HistoryEvent, invoke: InvokeEvent, transport: Transport): void => {
      for (const { taskId, state } of observe(event, invoke)) {
        if (isProtocolOp(invoke.op)) given.set(`${invoke.op.agent}\n${taskId}`, true);
        const task = tasks.of(invoke, taskId);
        if (task === undefined) continue;
        const isNew = isSend(invoke.op) && invoke.op.taskId === undefined;
        if (isNew && owners.get(task) === undefined) owners.set(task, invoke.user);
        if (isTerminal(state) && ends.get(task) === undefined)
          ends.set(task, { taskId, event: keep(event), invoke, transport });
      }
    };

    /** Streams that are open, and what they have told of the end. */
    const listening = new Map<number, { readonly task: KnownTask; readonly opened_seq: number; hasEnd: boolean }>();
    const listen = (event: HistoryEvent, invoke: InvokeEvent, transport: Transport): void => {
      const [seen] = observe(event, invoke);
      const known = listening.get(invoke.op_id);
      const task = known?.task ?? (seen === undefined ? undefined : tasks.of(invoke, seen.taskId));
      if (event.type === 'event') {
        if (task === undefined) return;
        const hasEnd = known?.hasEnd === true || isTerminal(seen?.state);
        listening.set(invoke.op_id, { task, opened_seq: known?.opened_seq ?? event.seq, hasEnd });
        return;
      }
      listening.delete(invoke.op_id);
      const end = known === undefined ? undefined : ends.get(known.task);
      if (known === undefined || end === undefined || end.transport === transport) return;
      ended += 1;
      const isGivenUp = event.type === 'info' && event.error.code === 'timeout';
      if (known.hasEnd || !isGivenUp || end.event.seq < known.opened_seq) return;
      if (event.time_ms - end.event.time_ms <= plan.policy.stream_close_ms_max) return;
      findings.report(silence(end, { event, invoke, transport }));
    };

    return {
      add(event, invoke) {
        spoken.add(event);
        if (invoke === undefined || !isProtocolOp(invoke.op)) return;
        const transport = spoken.of(invoke);
        if (transport === undefined) return;
        if (faults.touched(invoke)) {
          listening.delete(invoke.op_id);
          learn(event, invoke, transport);
          return;
        }
        const taskId = taskIdOf(invoke.op);
        const task = taskId === undefined ? undefined : tasks.of(invoke, taskId);
        const situation = situationOf(invoke);
        const isRefused = event.type === 'fail';
        // What was told before it failed was told: that stream was granted.
        if (situation !== undefined && !(isRefused && listening.has(invoke.op_id)))
          answers.add(event, invoke, situation, transport);
        if (task !== undefined) reads.add(event, invoke, task.key, transport);
        if (isStreaming(invoke.op)) listen(event, invoke, transport);
        stories.add(event, invoke, transport);
        learn(event, invoke, transport);
      },
      close() {
        const granted = answers.close((situation, taskId, invoke) =>
          situation === 'a task that never was' && taskId !== undefined ? !isGiven(invoke, taskId) : true,
        );
        return { evidence: reads.compared() + granted + stories.close() + ended, findings: findings.list() };
      },
    };
  },
};

function silence(end: End, stream: Omit<End, 'taskId' | 'event'> & { readonly event: HistoryEvent }): Example {
  return {
    kind: 'end-not-told',
    message: 'A stream was never told of an end that another transport told of',
    expected: `A stream over ${stream.transport} that is open when its task ends is told so, whichever transport the end came over.`,
    seen: `Over ${end.transport} the task was over; the stream over ${stream.transport}, open since before that, waited in vain.`,
    users: [stream.invoke.user, end.invoke.user],
    tasks: [end.taskId],
    evidence: [stream.invoke, end.invoke, end.event, stream.event],
  };
}
