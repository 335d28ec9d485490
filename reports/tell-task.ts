/** What an agent says of a task, in a few words. The result is still hostile text; only long ids and texts are shortened. */
import type { Part, StreamResponse, Task, TaskStatus } from '../harness/model/a2a.ts';
import { clip, shortId } from './visible.ts';

const TEXT_MAX = 48;

export const quoted = (text: string): string => `“${clip(text.replace(/\s+/g, ' ').trim(), TEXT_MAX)}”`;

/** `TASK_STATE_CANCELED` as `CANCELED`. */
export const stateWord = (state: string): string => clip(String(state).replace(/^TASK_STATE_/, ''), 24);

export function tellParts(parts: readonly Part[] | undefined): string {
  const texts = (parts ?? []).map((part) => part.text ?? `[${part.mediaType ?? part.filename ?? 'data'}]`);
  return quoted(texts.join(' '));
}

/** The text of a task's artifacts, chunk after chunk. */
export function artifactText(task: Pick<Task, 'artifacts'>): string {
  const parts = (task.artifacts ?? []).flatMap((artifact) => artifact.parts ?? []);
  return parts.map((part) => part.text ?? `[${part.mediaType ?? part.filename ?? 'data'}]`).join('');
}

function tellStatus(status: TaskStatus | undefined): string {
  const words = status?.message === undefined ? '' : ` ${tellParts(status.message.parts)}`;
  return `${stateWord(status?.state ?? 'no state')}${words}`;
}

export function tellTask(task: Task): string {
  const text = artifactText(task);
  return `Task ${shortId(task.id)} ${tellStatus(task.status)}${text === '' ? '' : `, ${quoted(text)}`}`;
}

/** One item of a stream. */
export function tellPayload(payload: StreamResponse): string {
  if (payload.task !== undefined) return tellTask(payload.task);
  if (payload.message !== undefined) return `Message ${tellParts(payload.message.parts)}`;
  if (payload.statusUpdate !== undefined) return `status ${tellStatus(payload.statusUpdate.status)}`;
  if (payload.artifactUpdate === undefined) return 'an event with nothing in it';
  const { artifact, append, lastChunk } = payload.artifactUpdate;
  const how = append === true ? 'chunk' : 'artifact';
  return `${how} ${tellParts(artifact.parts)}${lastChunk === true ? ', the last' : ''}`;
}
