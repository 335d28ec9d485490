/**
 * From the SDK's messages to what a history records: ProtoJSON as harness/model/a2a.ts types it, without empty
 * defaults, JSON-safe. The SDK reads leniently and makes up defaults, so the members that the specification requires
 * are looked for here, and their absence is a `JunkAnswer`.
 */
import {
  type ListTasksResponse,
  type Artifact as SdkArtifact,
  Message as SdkMessage,
  StreamResponse as SdkStreamResponse,
  Task as SdkTask,
  TaskPushNotificationConfig as SdkTaskPushNotificationConfig,
  type TaskStatus as SdkTaskStatus,
  TaskArtifactUpdateEvent,
  TaskStatusUpdateEvent,
} from '@a2a-js/sdk';
import type { Message, StreamResponse, Task } from '../model/a2a.ts';
import type { OpValue } from '../model/op.ts';

/** The answer lacks what the specification requires of it. */
export class JunkAnswer extends Error {
  override readonly name = 'JunkAnswer';
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes an empty `metadata` away from a freshly made object. */
function withoutEmptyMetadata(object: Json): void {
  const { metadata } = object;
  if (isObject(metadata) && Object.keys(metadata).length === 0) delete object['metadata'];
}

function each(list: unknown, tidy: (item: Json) => void): void {
  if (!Array.isArray(list)) return;
  for (const item of list) if (isObject(item)) tidy(item);
}

/** ProtoJSON leaves out enums that are 0 and lists that are empty; the model has them always. */
function tidyMessage(message: Json): void {
  message['messageId'] ??= '';
  message['role'] ??= 'ROLE_UNSPECIFIED';
  message['parts'] ??= [];
  each(message['parts'], withoutEmptyMetadata);
  withoutEmptyMetadata(message);
}

function tidyArtifact(artifact: Json): void {
  artifact['artifactId'] ??= '';
  artifact['parts'] ??= [];
  each(artifact['parts'], withoutEmptyMetadata);
  withoutEmptyMetadata(artifact);
}

function tidyStatus(status: Json): void {
  status['state'] ??= 'TASK_STATE_UNSPECIFIED';
  if (isObject(status['message'])) {
    tidyMessage(status['message']);
  }
}

function tidyTask(task: Json): void {
  if (isObject(task['status'])) {
    tidyStatus(task['status']);
  }
  each(task['artifacts'], tidyArtifact);
  each(task['history'], tidyMessage);
  withoutEmptyMetadata(task);
}

/** Parsers of Protocol Buffers refuse more by default; and what is deeper could neither be written down nor judged. */
const LEVELS_MAX = 100;

function refuseIfDeep(json: unknown, level = 1): void {
  if (typeof json !== 'object' || json === null) return;
  if (level > LEVELS_MAX) throw new JunkAnswer(`JSON that is nested more than ${LEVELS_MAX} levels deep`);
  if (Array.isArray(json)) for (const item of json) refuseIfDeep(item, level + 1);
  else for (const key in json) refuseIfDeep((json as Json)[key], level + 1);
}

function tidied<T>(json: unknown, tidy: (object: Json) => void): T {
  refuseIfDeep(json);
  const object = json as Json;
  tidy(object);
  return object as T;
}

function required(what: string, members: Readonly<Record<string, unknown>>): void {
  let missing: string[] | undefined;
  for (const name in members) {
    if (members[name] === undefined || members[name] === '') missing = [...(missing ?? []), name];
  }
  if (missing !== undefined) throw new JunkAnswer(`${what} without ${missing.join(' and ')}`);
}

export function recordedTask(task: SdkTask): Task {
  required('a Task', { id: task.id, status: task.status });
  return tidied(SdkTask.toJSON(task), tidyTask);
}

export function recordedMessage(message: SdkMessage): Message {
  required('a Message', { messageId: message.messageId });
  return tidied(SdkMessage.toJSON(message), tidyMessage);
}

/** The two things that a send may be answered with (§3.1.1). */
export function recordedReply(reply: SdkTask | SdkMessage): { task: Task } | { message: Message } {
  return 'messageId' in reply ? { message: recordedMessage(reply) } : { task: recordedTask(reply) };
}

/** `json` is the answer as it came, where it came as JSON: in what the SDK makes of it nothing is ever missing. */
export function recordedPage({ tasks, nextPageToken, pageSize, totalSize }: ListTasksResponse, json: unknown): OpValue {
  const answer = isObject(json) && 'jsonrpc' in json ? json['result'] : json;
  const lacks = isObject(answer) && !('nextPageToken' in answer) && !('next_page_token' in answer);
  return {
    tasks: tasks.map(recordedTask),
    ...(nextPageToken === '' ? {} : { nextPageToken }),
    pageSize,
    totalSize,
    ...(lacks ? { lacks: ['nextPageToken'] } : {}),
  };
}

/** Whatever credentials it holds are somebody's secret, and stay out of the history. */
export function recordedConfig(config: SdkTaskPushNotificationConfig): Readonly<Record<string, unknown>> {
  const json = SdkTaskPushNotificationConfig.toJSON(config) as Json;
  refuseIfDeep(json);
  if (json['token'] !== undefined) json['token'] = HIDDEN;
  const { authentication } = json;
  if (isObject(authentication) && authentication['credentials'] !== undefined) authentication['credentials'] = HIDDEN;
  return json;
}

const HIDDEN = '(not written down)';

/** What an agent posts to a webhook (§4.3.3), given as JSON; read as one item of a stream is. */
export function recordedPush(json: unknown): StreamResponse {
  refuseIfDeep(json);
  return recordedEvent(SdkStreamResponse.fromJSON(json));
}

function statusUpdate(event: { taskId: string; status: SdkTaskStatus | undefined }, json: unknown): StreamResponse {
  required('a TaskStatusUpdateEvent', { taskId: event.taskId, status: event.status });
  return {
    statusUpdate: tidied(json, (update) => {
      tidyStatus(update['status'] as Json);
      withoutEmptyMetadata(update);
    }),
  };
}

function artifactUpdate(event: { taskId: string; artifact: SdkArtifact | undefined }, json: unknown): StreamResponse {
  required('a TaskArtifactUpdateEvent', {
    taskId: event.taskId,
    artifact: event.artifact,
    'artifact.artifactId': event.artifact?.artifactId,
  });
  return {
    artifactUpdate: tidied(json, (update) => {
      tidyArtifact(update['artifact'] as Json);
      withoutEmptyMetadata(update);
    }),
  };
}

/** One item of a stream (§3.2.3). */
export function recordedEvent(event: SdkStreamResponse): StreamResponse {
  const { payload } = event;
  switch (payload?.$case) {
    case 'task':
      return { task: recordedTask(payload.value) };
    case 'message':
      return { message: recordedMessage(payload.value) };
    case 'statusUpdate':
      return statusUpdate(payload.value, TaskStatusUpdateEvent.toJSON(payload.value));
    case 'artifactUpdate':
      return artifactUpdate(payload.value, TaskArtifactUpdateEvent.toJSON(payload.value));
    default:
      throw new JunkAnswer('an event with neither task, message, statusUpdate nor artifactUpdate');
  }
}
