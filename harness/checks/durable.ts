/**
 * What users heard of before their agent's process was killed is there when it has been started again: the task itself, and of one
 * that was over its end and its answer. The specification leaves it open, so it is counted and told, and accuses only where the policy
 * `durable` promises it. What came while the process was being killed says nothing; of several reads the last one counts.
 */
import type { Check } from '../model/check.ts';
import { LETHAL_FAULTS } from '../model/fault-kinds.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { isProtocolOp } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { type ArtifactDigest, digestOf, foldOfTask } from './parts/fold-task.ts';
import { startLatest } from './parts/latest.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, isTerminal, stateWord, taskIdOf } from './parts/reading.ts';

type Digests = ReadonlyMap<string, ArtifactDigest>;

interface Read {
  readonly invoke: InvokeEvent;
  readonly event: KeptEvent;
  readonly state: string | undefined;
  readonly answer: Digests | undefined;
}

interface Known {
  readonly taskId: string;
  readonly agent: string;
  /** The message that it was made of, and what was heard of it last. */
  readonly invoke: InvokeEvent;
  heard: KeptEvent;
  end: { readonly state: string; readonly answer: Digests | undefined } | undefined;
  read: Read | undefined;
}

export const durable: Check = {
  name: 'durable',
  title: 'Tasks that users have heard of outlive a kill of the agent, where that is promised',
  section: 'policy',
  memory: 'Four events and a hash per artifact for each of the latest 10,000 tasks, where the agent may be killed.',
  judges: 'agent',
  reads: ['fault', 'agent', ...ANSWERS],
  concerns: ({ faults }) => faults.some(({ fault }) => LETHAL_FAULTS.has(fault)),
  start: ({ plan, scene: { faults } }) => {
    const findings = startFindings();
    const tasks = startLatest<Known>();
    /** By agent: when its process was ended last. */
    const deaths = new Map<string, number>();

    const onDeath = (event: HistoryEvent): void => {
      if (event.type === 'fault' && event.phase === 'asked' && LETHAL_FAULTS.has(event.fault.fault))
        deaths.set(event.fault.target, event.seq);
      if (event.type === 'agent' && event.phase === 'exited') deaths.set(event.agent, event.seq);
      if (event.type !== 'agent' || event.phase !== 'starting') return;
      // Another agent that has the name from now on.
      deaths.delete(event.agent);
      for (const known of tasks.values()) if (known.agent === event.agent) tasks.delete(keyOf(known));
    };

    const hear = (event: HistoryEvent, invoke: InvokeEvent, agent: string): void => {
      for (const { taskId, state } of observe(event, invoke)) {
        const key = keyOf({ agent, taskId });
        const known = tasks.get(key);
        if (known === undefined && !isSend(invoke.op)) continue;
        const one = known ?? { taskId, agent, invoke, heard: keep(event), end: undefined, read: undefined };
        one.heard = keep(event);
        if (isTerminal(state)) one.end = { state, answer: answerIn(event, taskId) ?? one.end?.answer };
        tasks.set(key, one);
      }
    };

    const look = (event: HistoryEvent, invoke: InvokeEvent, agent: string, death: number): boolean => {
      const taskId = taskIdOf(invoke.op) ?? '';
      const known = tasks.get(keyOf({ agent, taskId }));
      if (known === undefined || known.heard.seq > death || invoke.user !== known.invoke.user) return false;
      const isSaid = event.type === 'ok' || (event.type === 'fail' && event.error.code === 'TaskNotFoundError');
      const state = observe(event, invoke)[0]?.state;
      if (isSaid && !faults.falsified(invoke))
        known.read = { invoke, event: keep(event), state, answer: answerIn(event, taskId) };
      return true;
    };

    return {
      add(event, invoke) {
        onDeath(event);
        if (invoke === undefined || !isProtocolOp(invoke.op)) return;
        const { agent } = invoke.op;
        const death = deaths.get(agent) ?? Number.NEGATIVE_INFINITY;
        if (invoke.seq < death) return;
        const isRead = invoke.op.op === 'GetTask' && event.type !== 'event';
        if (!(isRead && look(event, invoke, agent, death))) hear(event, invoke, agent);
      },
      close() {
        const count = { kept: 0, 'task-lost': 0, 'end-lost': 0, 'answer-lost': 0 };
        for (const known of tasks.values()) {
          const fate = fateOf(known);
          if (fate === undefined) continue;
          count[fate] += 1;
          if (fate !== 'kept' && plan.policy.durable === 'promised') findings.report(exampleOf(fate, known));
        }
        const lost = count['task-lost'] + count['end-lost'] + count['answer-lost'];
        const evidence = count.kept + lost;
        return {
          evidence,
          findings: findings.list(),
          ...(evidence > 0 && {
            note: `Of ${evidence} tasks that were read after a kill ${count.kept} were as their users had left them, ${count['task-lost']} were gone, and ${lost - count['task-lost']} had lost their end. The policy durable is ${plan.policy.durable}.`,
          }),
        };
      },
    };
  },
};

const keyOf = ({ agent, taskId }: Pick<Known, 'agent' | 'taskId'>): string => `${agent}\n${taskId}`;

/** Only of a task that was told as a whole: what a stream brings in pieces is judged by others. */
function answerIn(event: HistoryEvent, taskId: string): Digests | undefined {
  if (event.type !== 'ok') return undefined;
  const task = recordOf(recordOf(event.value)['task']);
  return task['id'] === taskId ? digestOf(foldOfTask(task)) : undefined;
}

type Fate = 'kept' | 'task-lost' | 'end-lost' | 'answer-lost';

function fateOf({ end, read }: Known): Fate | undefined {
  if (read === undefined) return undefined;
  if (read.event.type === 'fail') return 'task-lost';
  if (end === undefined) return 'kept';
  if (read.state !== end.state) return 'end-lost';
  const isWhole = [...(end.answer ?? [])].every(
    ([id, { fingerprint }]) => read.answer?.get(id)?.fingerprint === fingerprint,
  );
  return isWhole ? 'kept' : 'answer-lost';
}

const MESSAGES: Readonly<Record<Exclude<Fate, 'kept'>, string>> = {
  'task-lost': 'A task that its user had heard of was gone after the agent had been killed',
  'end-lost': 'A task that was over was not, or had another end, after the agent had been killed',
  'answer-lost': 'A task that was over had lost its answer after the agent had been killed',
};

function exampleOf(fate: Exclude<Fate, 'kept'>, { taskId, invoke, heard, end, read }: Known): Example {
  const before = end === undefined ? 'at work' : stateWord(end.state);
  const after = read?.event.type === 'fail' ? 'unknown to the agent' : `${stateWord(read?.state ?? 'in no state')}`;
  return {
    kind: fate,
    message: MESSAGES[fate],
    expected: 'The policy durable is promised: what users have heard of a task before a kill holds after it.',
    seen: `${clip(taskId, 60)} was ${before} before the kill, and ${after}${fate === 'answer-lost' ? ' without the same artifacts' : ''} when its user read it after that.`,
    users: [invoke.user],
    tasks: [taskId],
    shape: end === undefined ? 'of a task at work' : 'of a task that was over',
    evidence: [invoke, heard, read?.invoke, read?.event],
  };
}
