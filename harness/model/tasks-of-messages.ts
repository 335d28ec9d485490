/**
 * Which tasks were made of which messages, as far as an answer tells: read alike by the check that judges messages sent again and
 * by what counts them. An answer names the tasks of its own message; a task that comes with its history, those of every message
 * in it.
 */
import type { HistoryEvent, InvokeEvent } from './history.ts';
import { type Json, recordOf } from './record-of.ts';

export interface TaskOfMessage {
  readonly messageId: string;
  readonly taskId: string;
}

export function tasksOfMessages(event: HistoryEvent, { op }: InvokeEvent): readonly TaskOfMessage[] {
  if (event.type !== 'event' && event.type !== 'ok') return [];
  const found: TaskOfMessage[] = [];
  if ('messageId' in op) {
    const told = recordOf(event.type === 'event' ? event.payload : event.value);
    for (const taskId of namedIn(told)) found.push({ messageId: op.messageId, taskId });
  }
  for (const task of tasksTold(event)) {
    const { id: taskId } = task;
    if (typeof taskId === 'string') for (const messageId of messageIdsIn(task)) found.push({ messageId, taskId });
  }
  return found;
}

/** Tasks as a whole, whoever asked for them. */
export function tasksTold(event: HistoryEvent): readonly Json[] {
  if (event.type === 'event') {
    const { task } = recordOf(event.payload);
    return task === undefined ? [] : [recordOf(task)];
  }
  if (event.type !== 'ok') return [];
  const { task, tasks } = recordOf(event.value);
  return [recordOf(task), ...(Array.isArray(tasks) ? tasks.map(recordOf) : [])];
}

export function messageIdsIn({ history }: Json): readonly string[] {
  const ids: string[] = [];
  for (const message of Array.isArray(history) ? history : []) {
    const { messageId } = recordOf(message);
    if (typeof messageId === 'string' && messageId !== '') ids.push(messageId);
  }
  return ids;
}

function namedIn({ task, statusUpdate, artifactUpdate }: Json): readonly string[] {
  const ids = [recordOf(task)['id'], recordOf(statusUpdate)['taskId'], recordOf(artifactUpdate)['taskId']];
  return ids.filter((id): id is string => typeof id === 'string' && id !== '');
}
