/**
 * Reads the numbers of one scenario from the events of its history. It remembers the streams that are open, one entry each, and
 * the clocks of tasks.
 */
import type { FailEvent, HistoryEvent, InvokeEvent, OkEvent, ScenarioEvent, UserEvent } from '../model/history.ts';
import type { LoadPlan } from '../model/load.ts';
import type { Measurement, TerminalMeasure } from '../model/measurement.ts';
import type { OperationName } from '../model/op.ts';
import { type ShowingOp, startTaskClocks } from '../model/task-clocks.ts';
import type { Traffic } from '../model/vitals.ts';
import { addFaultEvent } from './fault-records.ts';
import {
  type AfterWhat,
  addMeasurement,
  addStreamEvent,
  addTraffic,
  addVisit,
  beginLoad,
  endLoad,
  isDiscarded,
} from './measurement.ts';
import type { Metrics } from './metrics.ts';
import { isUsersOperation, outcomeOf } from './pairing.ts';
import { addToSeries } from './series.ts';

/** `invoke` is the op that an `event`, `ok`, `fail` or `info` belongs to. */
export type Feed = (event: HistoryEvent, invoke?: InvokeEvent) => void;

/** `taken`: all numbers of a load are told apart, whatever its history holds, as those of merged shards are. */
export type Numbers = 'of-history' | 'taken';

/** Gives an op of a user when it is over, and nothing for all other events. */
export type Measuring = (event: HistoryEvent, invoke?: InvokeEvent) => Measurement | undefined;

interface OpenStream {
  last_ms: number;
  readonly events_ms: number[];
  terminal?: TerminalMeasure | undefined;
}

/** Of a load whose history does not hold all users, what they did is not read from it, but told to whoever keeps the metrics. */
export function startFeed(metrics: Metrics, load?: LoadPlan, numbers: Numbers = 'of-history'): Feed {
  const holdsAll = numbers === 'of-history' && (load === undefined || load.checks === 'on');
  const measuring = startMeasuring((op, at_ms, after, due_ms) => {
    if (!isDiscarded(metrics, due_ms)) addStreamEvent(metrics, op, at_ms, after);
  });
  const telling = startTraffic(metrics);
  return (event, invoke) => {
    metrics.started_ms = Math.min(metrics.started_ms, event.time_ms);
    metrics.ended_ms = Math.max(metrics.ended_ms, event.time_ms);
    const measurement = holdsAll ? measuring(event, invoke) : undefined;
    if (measurement !== undefined) addMeasurement(metrics, measurement);
    if (event.type === 'user' && holdsAll) addUserEvent(metrics, event);
    if (event.type === 'fault') addFaultEvent(metrics.faults, event);
    if (event.type === 'scenario') addScenarioEvent(metrics, event);
    if (event.type === 'vitals' && event.traffic !== undefined && numbers === 'of-history') {
      telling(event.worker ?? 0, event.traffic);
    }
  };
}

/** Each worker tells all that went over its connections until now. */
function startTraffic(metrics: Metrics): (worker: number, traffic: Traffic) => void {
  const told = new Map<number, Traffic>();
  return (worker, traffic) => {
    const before = told.get(worker);
    told.set(worker, traffic);
    addTraffic(metrics, {
      connections: traffic.connections_opened - (before?.connections_opened ?? 0),
      bytes_in: traffic.bytes_in - (before?.bytes_in ?? 0),
      bytes_out: traffic.bytes_out - (before?.bytes_out ?? 0),
    });
  };
}

/** Events of streams come with their op, unless they are told as they come. */
export function startMeasuring(
  onEvent?: (op: OperationName, at_ms: number, after: AfterWhat, due_ms: number) => void,
): Measuring {
  const clocks = startTaskClocks();
  const streams = new Map<number, OpenStream>();

  const addEvent = (stream: OpenStream | undefined, op_id: number, at_ms: number, invoke: InvokeEvent): OpenStream => {
    const op = invoke.op.op as OperationName;
    const { due_ms } = invoke;
    onEvent?.(op, at_ms, stream === undefined ? { due_ms } : { last_ms: stream.last_ms }, due_ms);
    const open = stream ?? { last_ms: at_ms, events_ms: [] };
    open.last_ms = at_ms;
    if (onEvent === undefined) open.events_ms.push(at_ms);
    if (stream === undefined) streams.set(op_id, open);
    return open;
  };

  return (event, invoke) => {
    if (invoke === undefined || !isUsersOperation(invoke)) return undefined;
    if (event.type === 'event') {
      const stream = addEvent(streams.get(event.op_id), event.op_id, event.time_ms, invoke);
      stream.terminal ??= clocks.show(showingOp(invoke), event.payload, event.time_ms);
      return undefined;
    }
    if (event.type !== 'ok' && event.type !== 'fail' && event.type !== 'info') return undefined;
    const stream = streams.get(event.op_id);
    streams.delete(event.op_id);
    const told = event.type === 'ok' ? event.value : undefined;
    const terminal = stream?.terminal ?? clocks.show(showingOp(invoke), told, event.time_ms);
    return {
      ...measurementOf(event, invoke),
      ...(stream === undefined ? {} : eventsOf(stream, onEvent !== undefined)),
      ...(terminal === undefined ? {} : { terminal }),
    };
  };
}

const eventsOf = (
  { events_ms, last_ms }: OpenStream,
  areTold: boolean,
): Pick<Measurement, 'events_ms' | 'last_event_ms'> => (areTold ? { last_event_ms: last_ms } : { events_ms });

/** Users of a load are called u1, u2 and so on; of others nobody asks for the position. */
export const positionOf = (user: string): number => Number(user.slice(1)) - 1;

function measurementOf(event: OkEvent | FailEvent, invoke: InvokeEvent): Measurement {
  return {
    op: invoke.op.op as OperationName,
    user: positionOf(invoke.user),
    due_ms: invoke.due_ms,
    sent_ms: invoke.time_ms,
    ended_ms: event.time_ms,
    ...outcomeOf(event),
  };
}

function showingOp({ op, time_ms }: InvokeEvent): ShowingOp {
  return {
    op: op.op,
    agent: 'agent' in op ? op.agent : '',
    ...('taskId' in op && op.taskId !== undefined ? { taskId: op.taskId } : {}),
    sent_ms: time_ms,
  };
}

function addUserEvent(metrics: Metrics, event: UserEvent): void {
  // Further devices of a user arrive as well, and are no further users.
  if (event.phase === 'arrived' && event.device === 0) metrics.users += 1;
  if (event.phase === 'dropped') addToSeries(metrics.series, event.time_ms, 'dropped');
  if (event.phase === 'arrived' || event.phase === 'dropped') {
    addVisit(metrics, event.due_ms, event.phase === 'arrived', positionOf(event.user));
  }
}

function addScenarioEvent(metrics: Metrics, event: ScenarioEvent): void {
  if (event.phase === 'loading') beginLoad(metrics, event.time_ms);
  if (event.phase === 'load-over') endLoad(metrics, event.time_ms, event.early !== undefined);
}
