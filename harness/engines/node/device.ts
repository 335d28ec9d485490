/**
 * One device of one user: performs the ops of its script, one at a time, and writes down each before and after. Streams
 * go on being read while the script does other things.
 */
import type { StreamResponse, TaskState, Transport } from '../../model/a2a.ts';
import {
  type AgentOp,
  type Completion,
  type HarnessAct,
  isProtocolOp,
  type Op,
  type Outcome,
  type ProtocolOp,
  type SendOp,
  type Step,
} from '../../model/op.ts';
import type { Stop } from '../../model/stop.ts';
import { completeOpen, completeRead } from '../../script/streams.ts';
import { abandon, hold, isThrownAway, type LiveStream, letGo, startStream, until } from './live-stream.ts';
import type { Meeting } from './meeting.ts';
import type { Telling, ToldOp } from './telling.ts';
import { waitFor } from './wait-for.ts';
import type { SeenTask, World } from './world.ts';

/** As much of the world as a device touches. */
export type DeviceWorld = Pick<
  World,
  'plan' | 'clock' | 'nextOpId' | 'wireOf' | 'transportsOf' | 'dealtTo' | 'headersOf' | 'sessions' | 'hooks' | 'measure'
> & {
  readonly telling: Telling;
  /** What is under way ends when it stops. */
  readonly signal: Stop;
};

export interface DeviceOptions {
  readonly world: DeviceWorld;
  readonly meeting: Meeting;
  readonly user: string;
  readonly index: number;
  readonly device: number;
  /** When the user was due to arrive, milliseconds since the run began. */
  readonly due_ms: number;
  readonly onTask: (task: SeenTask) => void;
  /** Of every answer and event that says how a task stands. */
  readonly onState?: (task: SeenTask, state: TaskState) => void;
}

interface Begun {
  /** Tells the op as begun, if it has not been told yet. */
  told(): ToldOp;
  readonly held?: {
    readonly hold: () => Promise<void>;
    /** Resolves when nothing is held any more. */
    readonly released: () => Promise<void>;
  };
}

export interface Device {
  perform(op: Op, step: Step): Promise<Completion>;
  /** The next op is not due before this time. */
  notBefore(ms: number): void;
  /** Leaves all streams that are still open and waits until that is written down. */
  close(): Promise<void>;
}

export function openDevice(options: DeviceOptions): Device {
  const { world, meeting, user, index, device } = options;
  const { settle_ms_max, push_ms_max } = world.plan.policy;
  const streams = new Map<Step, LiveStream>();
  /** When the next op should be sent: when what it waits for has happened. */
  let due_ms = options.due_ms;
  let refused = false;

  const transportFor = (op: Op): Transport | undefined =>
    isProtocolOp(op) ? (op.transport ?? world.dealtTo(op.agent, index, device)) : undefined;
  const begin = (op: Op, step: Step): ToldOp => {
    const transport = transportFor(op);
    const over = transport === undefined ? {} : { transport };
    const told = world.telling.begin({ op_id: world.nextOpId(), user, device, step, due_ms, ...over, op }, index);
    if (isSend(op) && op.taskId !== undefined) world.hooks.noteTurn(op.taskId, told.op_id);
    return told;
  };

  /** What goes together with others is told as begun when all of them are let go, and not when it began to be written. */
  const beginCall = (op: AgentOp, step: Step): Begun => {
    const together = 'together' in op ? op.together : undefined;
    if (together === undefined) {
      const begun = begin(op, step);
      return { told: () => begun };
    }
    let begun: ToldOp | undefined;
    const told = (): ToldOp => {
      begun ??= begin(op, step);
      return begun;
    };
    let release: Promise<void> | undefined;
    const hold = (): Promise<void> => {
      release ??= meeting.barrier(together.name, together.parties).then(() => {
        due_ms = world.clock();
        // After all last bytes: a tick comes when the promises of this one are done.
        process.nextTick(told);
      });
      return release;
    };
    return { told, held: { hold, released: async () => release } };
  };
  const noteTask = (op: AgentOp, { op_id }: ToldOp, taskId: string | undefined, state: TaskState | undefined): void => {
    if (taskId === undefined) return;
    if (state !== undefined) options.onState?.({ agent: op.agent, taskId, user, index }, state);
    if (!isSend(op)) return;
    world.hooks.noteTurn(taskId, op_id, op.push?.hook);
    options.onTask({ agent: op.agent, taskId, user, index });
  };
  const callAgent = async (
    op: AgentOp,
    { held }: Begun,
    signal: Stop,
    onEvent: (payload: StreamResponse) => void,
    pace?: () => Promise<void>,
  ) => {
    const transport = transportFor(op);
    const wire = world.wireOf(op.agent, transport);
    if (wire === undefined) {
      const which = transport === undefined ? '' : ` that speaks ${transport}`;
      return failure(
        'no-such-agent',
        `there is no agent "${op.agent}"${which}: it was never started, or its session has ended`,
      );
    }
    const shown = world.headersOf(index, refused);
    const outcome = await wire.perform(op, {
      // Most are there at once, and a promise of them would cost a turn of each request.
      headers: shown instanceof Promise ? await shown : shown,
      signal,
      timeout_ms: world.plan.policy.answer_ms_max,
      onEvent,
      ...(held && { hold: held.hold }),
      ...(pace && { pace }),
      secret: isProtocolOp(op) ? world.hooks.configure(op) : undefined,
    });
    refused = outcome.type === 'fail' && outcome.error.code === 'http-401';
    // Answered before its end was sent: it still stands among those who wait, and a script waits in one place only.
    if (held !== undefined) await held.released();
    return outcome;
  };

  const openStream = async (op: ProtocolOp, step: Step): Promise<Completion> => {
    const begun = beginCall(op, step);
    const stream = startStream(world.signal);
    streams.set(step, stream);
    const onEvent = (payload: StreamResponse): void => {
      if (isThrownAway(stream, payload)) return;
      begun.told().event(payload, stream.events.length);
      stream.events.push(payload);
      const { task, statusUpdate } = payload;
      noteTask(op, begun.told(), task?.id ?? statusUpdate?.taskId, (task ?? statusUpdate)?.status.state);
      stream.wake();
    };
    const pace = async (): Promise<void> => stream.held?.over.promise;
    stream.finished = callAgent(op, begun, stream.reader, onEvent, pace).then((last) => {
      // Who threw the rest away had left before it ended.
      const outcome: Outcome = stream.held?.isOver
        ? { type: 'ok', value: { events: stream.events.length, ended: 'by-reader' } }
        : last;
      begun.told().end(outcome);
      stream.ended = outcome;
      stream.reader.close();
      stream.wake();
    });
    await until(stream, () => stream.events.length > 0);
    return completeOpen(step, stream);
  };

  const callUnary = async (op: AgentOp, step: Step): Promise<Completion> => {
    const begun = beginCall(op, step);
    const outcome = await callAgent(op, begun, world.signal, noEvent);
    begun.told().end(outcome);
    const task = outcome.type === 'ok' ? outcome.value.task : undefined;
    noteTask(op, begun.told(), task?.id, task?.status.state);
    return { step, outcome, events: [] };
  };

  const read = async (act: Extract<HarnessAct, { op: 'read' }>, step: Step): Promise<Completion> => {
    const told = begin(act, step);
    const stream = streams.get(act.stream);
    if (stream === undefined)
      throw new Error(`Failed to read stream ${act.stream}: this script has opened no such stream`);
    const wanted = stream.read + (act.count ?? Number.POSITIVE_INFINITY);
    await until(stream, () => stream.events.length >= wanted);
    const count = Math.min(wanted, stream.events.length) - stream.read;
    told.end({ type: 'ok', value: { events: count } });
    return completeRead(step, stream, count);
  };

  const act = async (op: HarnessAct, step: Step): Promise<Completion> => {
    const told = begin(op, step);
    const outcome = await performAct(op);
    told.end(outcome);
    return { step, outcome, events: [] };
  };
  const performAct = async (op: HarnessAct): Promise<Outcome> => {
    switch (op.op) {
      case 'pause':
        await waitFor(op.ms, world.signal);
        return DONE;
      case 'barrier':
        return meeting.barrier(op.name, op.parties);
      case 'share':
        return meeting.share(op.name, op.value);
      case 'await':
        return meeting.awaitShared(op.name);
      case 'leave':
        streams.get(op.stream)?.reader.stop();
        await streams.get(op.stream)?.finished;
        return DONE;
      case 'transports':
        return { type: 'ok', value: { value: world.transportsOf(op.agent).join(',') } };
      case 'hold':
        hold(streams.get(op.stream));
        return DONE;
      case 'letGo':
        return letGo(streams.get(op.stream), world.signal);
      case 'openHook': {
        const { hook: name, behaviour, credentials } = op;
        return world.hooks.open({ name, behaviour, credentials }, { user, device });
      }
      case 'awaitPush':
        return world.hooks.untilEnd(op.hook, settle_ms_max + push_ms_max);
      case 'expect':
        return DONE;
      case 'measure':
        return world.measure(op.of);
      case 'openSession':
        return world.sessions.open(op.session, op.agents);
      case 'closeSession':
        return world.sessions.close(op.session);
      case 'read':
        throw new Error('Failed to perform `read` as a plain act: it is handled with its stream');
    }
  };

  return {
    async perform(op, step) {
      const completion = await dispatch(op, step);
      // A pause sets when the next op is due; everything else lets it follow at once.
      due_ms = op.op === 'pause' ? due_ms + op.ms : world.clock();
      return completion;
    },
    notBefore(ms) {
      due_ms = Math.max(due_ms, ms);
    },
    async close() {
      if (streams.size === 0) return;
      for (const stream of streams.values()) abandon(stream);
      await Promise.all([...streams.values()].map(({ finished }) => finished));
    },
  };

  function dispatch(op: Op, step: Step): Promise<Completion> {
    if (op.op === 'SendStreamingMessage' || op.op === 'SubscribeToTask') return openStream(op, step);
    if (op.op === 'read') return read(op, step);
    return isProtocolOp(op) || op.op === 'HostileRequest' ? callUnary(op, step) : act(op, step);
  }
}

const DONE: Outcome = { type: 'ok', value: {} };
const noEvent = (): void => {};

const isSend = (op: Op): op is SendOp => op.op === 'SendMessage' || op.op === 'SendStreamingMessage';

function failure(code: string, message: string): Outcome {
  return { type: 'fail', error: { code, message } };
}
