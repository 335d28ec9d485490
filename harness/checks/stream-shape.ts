/**
 * §3.1.2, §3.1.6: a stream is one Message, or a Task and then its updates, and closes when the task is over. Streams that
 * broke are not judged here (nobody knows why they did), but one that the agent closed in order is a promise that there
 * is nothing more to say. In A2A 0.3 a stream may begin with an update.
 */
import type { Check, CheckContext } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent, StreamEvent } from '../model/history.ts';
import { isProtocolOp } from '../model/op.ts';
import { recordOf } from '../model/record-of.ts';
import { startFindings } from './parts/findings.ts';
import { observe } from './parts/observations.ts';
import {
  ANSWERS,
  clip,
  isInterrupted,
  isStreaming,
  isTerminal,
  STREAMS,
  stateWord,
  taskIdOf,
} from './parts/reading.ts';

interface Shape {
  taskId: string | undefined;
  state: string | undefined;
  first: StreamEvent | undefined;
  last: StreamEvent | undefined;
  /** The event after which the stream had to close: a Message, or a terminal state. */
  end: StreamEvent | undefined;
}

/** What is wrong with a stream, before it is known whose it is. */
interface Flaw {
  readonly kind: string;
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
}

const OPENS_WITHOUT_TASK = 'opens-without-task';

export const streamShape: Check = {
  name: 'stream-shape',
  title: 'A stream is one Message, or a Task and its updates until the task is over',
  section: '§3.1.2, §3.1.6',
  memory: 'Three events per open stream, and the names of agents of A2A 0.3.',
  judges: 'agent',
  reads: ['agent', ...ANSWERS],
  ops: STREAMS,
  start: (context) => {
    const { faults, ops } = context.scene;
    const findings = startFindings();
    const open = ops.perOp<Shape>();
    const of03 = new Set<string>();
    let evidence = 0;
    let snapshots = 0;

    const report = (flaw: Flaw | undefined, shape: Shape, invoke: InvokeEvent, event: HistoryEvent): void => {
      if (flaw === undefined) return;
      const tasks = shape.taskId === undefined ? [] : [shape.taskId];
      findings.report({
        ...flaw,
        users: [invoke.user],
        tasks,
        evidence: [invoke, shape.first, shape.end, shape.last, event],
      });
    };

    const onEvent = (shape: Shape, invoke: InvokeEvent, event: StreamEvent): void => {
      const flaw = shape.end === undefined ? flawOf(shape, invoke, event) : flawAfterEnd(shape, invoke, event);
      const isFree = flaw?.kind === OPENS_WITHOUT_TASK && isProtocolOp(invoke.op) && of03.has(invoke.op.agent);
      if (!isFree && !faults.falsified(invoke)) report(flaw, shape, invoke, event);
      if (shape.first !== undefined && recordOf(event.payload)['task'] !== undefined) snapshots += 1;
      shape.first ??= event;
      shape.last = event;
      const seen = observe(event, invoke)[0];
      shape.taskId ??= seen?.taskId;
      if (shape.end === undefined) shape.state = seen?.state ?? shape.state;
      if (isTerminal(shape.state) || recordOf(event.payload)['message'] !== undefined) shape.end ??= event;
    };

    return {
      add(event, invoke) {
        if (event.type === 'agent' && event.phase === 'ready' && event.card.protocol === '0.3') of03.add(event.agent);
        if (invoke === undefined || !isStreaming(invoke.op)) return;
        const shape = open.get(invoke) ?? startShape(invoke);
        if (event.type === 'event') {
          open.set(invoke, shape);
          onEvent(shape, invoke, event);
        } else if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') {
          if (event.type === 'ok' || shape.first !== undefined) evidence += 1;
          if (!faults.touched(invoke)) report(flawOfEnd(shape, event, context), shape, invoke, event);
        }
      },
      close: () => ({
        evidence,
        findings: findings.list(),
        ...(snapshots > 0 && {
          note: `${snapshots} times a whole Task came in the middle of a stream; §3.1.2 foresees only updates there, but nothing is lost by it.`,
        }),
      }),
    };
  },
};

/** The task that a subscription is for is known beforehand; that of a message is what its first event says. */
function startShape({ op }: InvokeEvent): Shape {
  const taskId = op.op === 'SubscribeToTask' ? taskIdOf(op) : undefined;
  return { taskId, state: undefined, first: undefined, last: undefined, end: undefined };
}

const NAMES = {
  task: 'a Task',
  message: 'a Message',
  statusUpdate: 'a status update',
  artifactUpdate: 'an artifact update',
} as const;

const MEMBERS = ['task', 'message', 'statusUpdate', 'artifactUpdate'] as const;

/** Nothing for what is none of them. */
function nameOf(event: StreamEvent): string | undefined {
  const payload = recordOf(event.payload);
  for (const member of MEMBERS) if (payload[member] !== undefined) return NAMES[member];
  return undefined;
}

function flawOf(shape: Shape, invoke: InvokeEvent, event: StreamEvent): Flaw | undefined {
  const { op } = invoke;
  const name = nameOf(event);
  if (name === undefined) return undefined;
  const isSubscription = op.op === 'SubscribeToTask';
  if (shape.first === undefined && name !== NAMES.task && (name !== NAMES.message || isSubscription)) {
    return {
      kind: OPENS_WITHOUT_TASK,
      message: `A stream began with ${name}`,
      expected: `The first event of ${op.op} is a Task${isSubscription ? '' : ' or a Message'}.`,
      seen: `Its first event was ${name}.`,
    };
  }
  if (shape.first !== undefined && name === NAMES.message) {
    return {
      kind: 'message-among-updates',
      message: 'A stream that tells of a task held a Message',
      expected: 'After the Task come only status updates and artifact updates.',
      seen: `Event ${event.index} was a Message.`,
    };
  }
  const other = observe(event, invoke)[0]?.taskId;
  if (other !== undefined && shape.taskId !== undefined && other !== shape.taskId) {
    return {
      kind: 'mixes-tasks',
      message: 'A stream told of a task that is not its own',
      expected: `Every event of this stream is about ${clip(shape.taskId, 60)}.`,
      seen: `Event ${event.index}, ${name}, was about ${clip(other, 60)}.`,
    };
  }
  return undefined;
}

/** A whole Task that says the same once more is tolerated; another terminal state is left to terminal-is-final. */
function flawAfterEnd(shape: Shape, invoke: InvokeEvent, event: StreamEvent): Flaw | undefined {
  const name = nameOf(event);
  const state = observe(event, invoke)[0]?.state;
  const isRepeat = name === NAMES.task && state === shape.state;
  if (isRepeat || (isTerminal(state) && state !== shape.state) || name === undefined) return undefined;
  const end = shape.state === undefined ? 'its Message' : `the state ${stateWord(shape.state)}`;
  return {
    kind: 'goes-on-after-end',
    message: `A stream went on after ${shape.state === undefined ? 'its Message' : 'the task was over'}`,
    expected: `Nothing comes after ${end}.`,
    seen: `Event ${event.index}, ${name}, came after it.`,
  };
}

function flawOfEnd(shape: Shape, event: HistoryEvent, { plan }: CheckContext): Flaw | undefined {
  const close_ms_max = plan.policy.stream_close_ms_max;
  const open_ms = shape.end === undefined ? 0 : event.time_ms - shape.end.time_ms;
  if (open_ms > close_ms_max) {
    return {
      kind: 'stays-open-after-end',
      message: 'A stream stayed open after there was nothing more to come',
      expected: `The agent closes a stream within ${close_ms_max} ms of its last event.`,
      seen: `It was still open ${Math.round(open_ms)} ms after ${shape.state === undefined ? 'its Message' : stateWord(shape.state)}.`,
    };
  }
  if (event.type !== 'ok' || event.value?.ended !== 'by-agent' || shape.end !== undefined) return undefined;
  if (shape.first === undefined) {
    return {
      kind: 'ends-empty',
      message: 'A stream was closed without a single event',
      expected: 'A stream brings at least a Message or a Task.',
      seen: 'The agent closed it in order, and nothing had come.',
    };
  }
  if (shape.state === undefined || isInterrupted(shape.state) || !/_(SUBMITTED|WORKING)$/.test(shape.state)) {
    return undefined;
  }
  return {
    kind: 'ends-without-end',
    message: 'A stream was closed while its task was still going on',
    expected: 'The agent closes a stream when the task is over or waits for its user.',
    seen: `The agent closed it in order; the last state it had told was ${stateWord(shape.state)}.`,
  };
}
