/** Which tasks an answer or a stream event tells something of, and in what state: the same reading for every check. */
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type Json, recordOf } from '../model/record-of.ts';
import { isStreaming, listOf, stateOf, textOf } from './reading.ts';

export interface Observation {
  readonly taskId: string;
  readonly contextId?: string;
  /** Missing where the event says nothing of the state: an artifact update. */
  readonly state?: string;
}

/** Empty for what is no `ok` or `event`. */
export function observe(event: HistoryEvent, invoke: InvokeEvent): readonly Observation[] {
  if (event.type === 'event') return ofPayload(recordOf(event.payload));
  if (event.type !== 'ok' || isStreaming(invoke.op)) return [];
  const value = recordOf(event.value);
  return [value['task'], ...listOf(value['tasks'])].flatMap((task) => ofTask(recordOf(task)));
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
  if (taskId === undefined) return [];
  const contextId = textOf(context);
  return [{ taskId, ...(contextId === undefined ? {} : { contextId }), ...(state === undefined ? {} : { state }) }];
}
