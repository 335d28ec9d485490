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
  const told = recordOf(event.type === 'event' ? event.payload : event.value);
  const own = 'messageId' in op ? namedIn(told).map((taskId) => ({ messageId: op.messageId, taskId })) : [];
  const inHistories = tasksTold(event).flatMap((task) =>
    typeof task['id'] === 'string'
      ? messageIdsIn(task).map((messageId) => ({ messageId, taskId: String(task['id']) }))
      : [],
  );
  return [...own, ...inHistories];
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

export const messageIdsIn = ({ history }: Json): readonly string[] =>
  (Array.isArray(history) ? history : [])
    .map((message) => recordOf(message)['messageId'])
    .filter((id): id is string => typeof id === 'string' && id !== '');

function namedIn({ task, statusUpdate, artifactUpdate }: Json): readonly string[] {
  const ids = [recordOf(task)['id'], recordOf(statusUpdate)['taskId'], recordOf(artifactUpdate)['taskId']];
  return ids.filter((id): id is string => typeof id === 'string' && id !== '');
}
