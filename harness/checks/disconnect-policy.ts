/**
 * §3.5.2 has a task live on when a stream of it ends; whether its work does when nobody reads it any more is the agent's own
 * choice. So what became of tasks whose last reader left is counted and told, and accuses only where the policy `after_leaving`
 * promises one of the two. Only what was seen going on after the leaving says anything: work may end in the same moment.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { PROTOCOL_OPS } from '../model/op.ts';
import type { Policy } from '../model/plan.ts';
import type { KnownTask } from '../model/scene.ts';
import { type Example, startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isSend, isStreaming, isTerminal, stateWord, taskIdOf } from './parts/reading.ts';

interface Watched {
  readonly taskId: string;
  /** Streams that read it now, by op. */
  readonly readers: Set<number>;
  state: string | undefined;
  left: { readonly invoke: InvokeEvent; readonly event: KeptEvent } | undefined;
  goingOn: KeptEvent | undefined;
  end: KeptEvent | undefined;
  /** Somebody asked for it to be cancelled, or said more to it: what becomes of it has another reason. */
  isTouched: boolean;
}

export const disconnectPolicy: Check = {
  name: 'disconnect-policy',
  title: 'Work whose last reader has left goes on or is cancelled, as the policy says',
  section: '§3.5.2, policy',
  memory: 'Four events for each of the latest 10,000 tasks that are read by streams.',
  judges: 'agent',
  reads: ['invoke', ...ANSWERS],
  ops: PROTOCOL_OPS,
  start: ({ plan, scene: { faults, ops, tasks } }) => {
    const findings = startFindings();
    const watched = tasks.perTask<Watched>();
    const reads = ops.perOp<KnownTask>();

    const find = (invoke: InvokeEvent, taskId: string | undefined): Watched | undefined => {
      const task = taskId === undefined ? undefined : tasks.of(invoke, taskId);
      return task === undefined ? undefined : watched.get(task);
    };

    const onStreamEvent = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const [seen] = observe(event, invoke);
      const task = seen === undefined ? undefined : tasks.of(invoke, seen.taskId);
      if (seen === undefined || task === undefined) return;
      const one = watched.get(task) ?? newWatched(seen.taskId);
      watched.set(task, one);
      reads.set(invoke, task);
      one.readers.add(invoke.op_id);
      if (invoke.op.op === 'SubscribeToTask' && one.left !== undefined) one.isTouched = true;
      one.state = seen.state ?? one.state;
    };

    const onStreamEnd = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const task = reads.get(invoke);
      const one = task === undefined ? undefined : watched.get(task);
      if (one === undefined) return;
      one.readers.delete(invoke.op_id);
      const hasLeft = event.type === 'ok' && event.value?.ended === 'by-reader';
      if (!hasLeft || faults.touched(invoke)) one.isTouched = true;
      else if (one.readers.size === 0 && !isTerminal(one.state)) one.left ??= { invoke, event: keep(event) };
    };

    const onLook = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const [seen] = observe(event, invoke);
      const one = find(invoke, seen?.taskId);
      if (one?.left === undefined || one.left.event.seq > invoke.seq) return;
      if (isTerminal(seen?.state)) {
        one.state = seen.state;
        one.end ??= keep(event);
      } else one.goingOn ??= keep(event);
    };

    return {
      add(event, invoke) {
        if (event.type === 'invoke') {
          const one = isSend(event.op) || event.op.op === 'CancelTask' ? find(event, taskIdOf(event.op)) : undefined;
          if (one !== undefined) one.isTouched = true;
        }
        if (invoke === undefined) return;
        if (!isStreaming(invoke.op)) onLook(event, invoke);
        else if (event.type === 'event') onStreamEvent(event, invoke);
        else onStreamEnd(event, invoke);
      },
      close() {
        const count = { 'went-on': 0, cancelled: 0 };
        for (const one of watched.values()) {
          const fate = fateOf(one);
          if (fate === undefined) continue;
          count[fate] += 1;
          if (breaks(fate, plan.policy.after_leaving)) findings.report(exampleOf(fate, one, plan.policy.after_leaving));
        }
        const evidence = count['went-on'] + count.cancelled;
        return {
          evidence,
          findings: findings.list(),
          ...(evidence > 0 && {
            note: `Of ${evidence} tasks whose last reader left ${count['went-on']} went on to their end, and ${count.cancelled} were cancelled. The policy after_leaving is ${plan.policy.after_leaving}.`,
          }),
        };
      },
    };
  },
};

const newWatched = (taskId: string): Watched => ({
  taskId,
  readers: new Set(),
  state: undefined,
  left: undefined,
  goingOn: undefined,
  end: undefined,
  isTouched: false,
});

type Fate = 'went-on' | 'cancelled';

function fateOf({ left, goingOn, end, state, isTouched }: Watched): Fate | undefined {
  if (left === undefined || end === undefined || isTouched) return undefined;
  if (state === 'TASK_STATE_CANCELED') return 'cancelled';
  return state === 'TASK_STATE_COMPLETED' && goingOn !== undefined ? 'went-on' : undefined;
}

const breaks = (fate: Fate, policy: Policy['after_leaving']): boolean =>
  (fate === 'went-on' && policy === 'is-cancelled') || (fate === 'cancelled' && policy === 'goes-on');

function exampleOf(
  fate: Fate,
  { taskId, left, goingOn, end, state }: Watched,
  policy: Policy['after_leaving'],
): Example {
  return {
    kind: fate === 'went-on' ? 'work-for-nobody' : 'work-given-up',
    message:
      fate === 'went-on'
        ? 'Work went on to its end for a caller who had left'
        : 'Work was given up because its caller had left',
    expected: `The policy after_leaving is ${policy}: the work of a task that nobody reads any more ${fate === 'went-on' ? 'is cancelled' : 'goes on'}.`,
    seen: `${clip(taskId, 60)} was ${goingOn === undefined ? '' : 'still at work when it was read after that, and '}${stateWord(state ?? '')} in the end.`,
    users: left === undefined ? [] : [left.invoke.user],
    tasks: [taskId],
    evidence: [left?.invoke, left?.event, goingOn, end],
  };
}
