/** Which tasks an answer or a stream event tells something of, and in what state: the same reading for every check. */
import type { HistoryEvent, InvokeEvent, OkEvent, StreamEvent } from '../../model/history.ts';
import { type Json, recordOf } from '../../model/record-of.ts';
import { isStreaming, listOf, stateOf, textOf } from './reading.ts';

export interface Observation {
  readonly taskId: string;
  readonly contextId?: string;
  /** Missing where the event says nothing of the state: an artifact update. */
  readonly state?: string;
}

const NONE: readonly Observation[] = [];

/** Many checks ask for the same of one event after the other. */
let latest: { readonly event: HistoryEvent; readonly seen: readonly Observation[] } | undefined;

/** Empty for what is no `ok` or `event`. An event has one `invoke`, so it is read once. */
export function observe(event: HistoryEvent, invoke: InvokeEvent): readonly Observation[] {
  if (event.type !== 'event' && event.type !== 'ok') return NONE;
  if (latest?.event !== event) latest = { event, seen: read(event, invoke) };
  return latest.seen;
}

function read(event: OkEvent | StreamEvent, invoke: InvokeEvent): readonly Observation[] {
  if (event.type === 'event') return ofPayload(recordOf(event.payload));
  if (isStreaming(invoke.op)) return NONE;
  const value = recordOf(event.value);
  const tasks = listOf(value['tasks']);
  if (tasks.length === 0) return ofTask(recordOf(value['task']));
  return [value['task'], ...tasks].flatMap((task) => ofTask(recordOf(task)));
}

function ofPayload(payload: Json): readonly Observation[] {
  const update = recordOf(payload['statusUpdate']);
  const artifact = recordOf(payload['artifactUpdate']);
  return [
    ...ofTask(recordOf(payload['task'])),
    ...observation(update['taskId'], update['contextId'], stateOf(update)),
    ...observation(artifact['taskId'], artifact['contextId'], undefined),
  ];
}

const ofTask = (task: Json): readonly Observation[] => observation(task['id'], task['contextId'], stateOf(task));

function observation(id: unknown, context: unknown, state: string | undefined): readonly Observation[] {
  const taskId = textOf(id);
  if (taskId === undefined) return NONE;
  const contextId = textOf(context);
  return [{ taskId, ...(contextId === undefined ? {} : { contextId }), ...(state === undefined ? {} : { state }) }];
}
