/**
 * An agent that is told to stop (SIGTERM) and takes its time ends what it is at, tells its subscribers so, or knows the task
 * when it is back. One that the signal itself ends never promised that: it is not judged, and neither is one that was killed
 * because it did not stop. A task counts as dropped only when its stream broke off, the agent no longer knows it, and no other
 * fault was there meanwhile that may have kept its end from its subscriber, or from the agent.
 */
import type { Check } from '../model/check.ts';
import { POLITE_FAULTS } from '../model/fault-kinds.ts';
import type { FaultEvent, HistoryEvent, InvokeEvent } from '../model/history.ts';
import { isProtocolOp } from '../model/op.ts';
import { startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import { ANSWERS, clip, isInterrupted, isStreaming, isTerminal, taskIdOf } from './parts/reading.ts';

/** A task that a stream was telling of. */
interface Told {
  readonly taskId: string;
  readonly agent: string;
  readonly invoke: InvokeEvent;
  readonly seen: HistoryEvent;
}

/** The same when its agent was told to stop. */
interface AtStop extends Told {
  readonly stop: Stop;
  isSafe: boolean;
  ended: HistoryEvent | undefined;
  unknown: HistoryEvent | undefined;
  isDisturbed: boolean;
}

interface Stop {
  readonly asked: FaultEvent;
  /** By itself, and not by a signal; nothing is known before it has exited. */
  endedItself: boolean | undefined;
}

/** A shell tells so that its child was ended by SIGTERM; a few programs end so by themselves. */
const CODE_OF_SIGTERM = 143;

export const stopsInOrder: Check = {
  name: 'stops-in-order',
  title: 'An agent that is told to stop ends its tasks in order, or finds them again',
  section: 'policy',
  memory: 'One entry per open stream, and two events for each that was open when its agent was told to stop.',
  judges: 'agent',
  reads: ['fault', 'agent', ...ANSWERS],
  concerns: ({ faults }) => faults.some(({ fault }) => POLITE_FAULTS.has(fault)),
  start: ({ scene: { faults } }) => {
    const findings = startFindings();
    const open = new Map<number, Told>();
    const atStop: AtStop[] = [];
    const stops = new Map<string, Stop>();

    const onAsked = (event: FaultEvent): void => {
      const stop: Stop = { asked: event, endedItself: undefined };
      stops.set(event.fault.target, stop);
      for (const told of open.values()) {
        if (told.agent === event.fault.target)
          atStop.push({ ...told, stop, isSafe: false, ended: undefined, unknown: undefined, isDisturbed: false });
      }
    };

    const follow = (event: HistoryEvent, invoke: InvokeEvent, agent: string): void => {
      for (const { taskId, state } of observe(event, invoke)) {
        const isOver = isTerminal(state) || isInterrupted(state);
        if (isOver) open.delete(invoke.op_id);
        else if (isStreaming(invoke.op)) open.set(invoke.op_id, { taskId, agent, invoke, seen: event });
        for (const task of atStop) {
          if (task.taskId !== taskId || task.agent !== agent) continue;
          // Told to the end, or found when it is back.
          if (isOver || invoke.seq > task.stop.asked.seq) task.isSafe = true;
        }
      }
      if (event.type === 'event') return;
      open.delete(invoke.op_id);
      for (const task of atStop) {
        if (task.invoke.op_id === invoke.op_id) {
          task.ended = event;
          task.isDisturbed = faults.touchedByOther(invoke, task.stop.asked.fault_id);
        }
        if (event.type !== 'fail' || event.error?.code !== 'TaskNotFoundError') continue;
        if (task.taskId === taskIdOf(invoke.op) && task.agent === agent) task.unknown = event;
      }
    };

    return {
      add(event, invoke) {
        if (event.type === 'fault' && event.phase === 'asked' && POLITE_FAULTS.has(event.fault.fault)) onAsked(event);
        if (event.type === 'agent' && event.phase === 'exited') {
          const stop = stops.get(event.agent);
          if (stop !== undefined) stop.endedItself ??= event.signal === null && event.code !== CODE_OF_SIGTERM;
        }
        if (invoke !== undefined && isProtocolOp(invoke.op)) follow(event, invoke, invoke.op.agent);
      },
      close() {
        const judged = atStop.filter(({ stop }) => stop.endedItself === true);
        const lost = judged.filter(
          ({ isSafe, unknown, isDisturbed }) => !isSafe && unknown !== undefined && !isDisturbed,
        );
        for (const { taskId, agent, invoke, seen, stop, ended, unknown } of lost) {
          findings.report({
            kind: 'dropped-at-stop',
            message: 'A task that was at work was dropped when its agent was told to stop',
            expected: `${agent} handles SIGTERM: it ends the tasks that it is at and tells so, or knows them when it is back.`,
            seen: `${clip(taskId, 60)} was at work when ${agent} was told to stop. Its stream broke off without an end, and ${agent} does not know it any more.`,
            users: [invoke.user],
            tasks: [taskId],
            evidence: [invoke, seen, stop.asked, ended, unknown],
          });
        }
        const evidence = judged.filter(({ isSafe }) => isSafe).length + lost.length;
        const notes = [
          [...stops.values()].some(({ endedItself }) => endedItself === false)
            ? 'An agent was ended by a signal: it does not handle SIGTERM, or did not stop by the deadline, and promises nothing.'
            : '',
          evidence === 0 && stops.size > 0 && judged.length === atStop.length
            ? 'No task of which a stream told was at work when the agent was told to stop, none was asked for afterwards, or another fault was there as well.'
            : '',
        ].filter((text) => text !== '');
        return { evidence, findings: findings.list(), ...(notes.length > 0 && { note: notes.join(' ') }) };
      },
    };
  },
};
