/**
 * From an op, which is plain data, to the request messages of the SDK, which spell out every field of the protobuf
 * schema. What a script did not say is left at the protocol's default.
 */
import {
  type CancelTaskRequest,
  type DeleteTaskPushNotificationConfigRequest,
  type GetTaskPushNotificationConfigRequest,
  type GetTaskRequest,
  type ListTaskPushNotificationConfigsRequest,
  type ListTasksRequest,
  Role,
  type SendMessageRequest,
  type SubscribeToTaskRequest,
  type TaskPushNotificationConfig,
  taskStateFromJSON,
} from '@a2a-js/sdk';
import type { HookSecret } from '../model/hooks.ts';
import type { ListTasksOp, PushConfigOp, SendOp, TaskOp } from '../model/op.ts';

export function sendRequest(op: SendOp, tenant: string, secret?: HookSecret): SendMessageRequest {
  return {
    tenant,
    metadata: undefined,
    configuration:
      op.returnImmediately === undefined && op.push === undefined
        ? undefined
        : {
            acceptedOutputModes: [],
            // Its task has no id yet, or is the one that the message names.
            taskPushNotificationConfig: op.push && configOf({ taskId: op.taskId ?? '', ...op.push }, tenant, secret),
            returnImmediately: op.returnImmediately ?? false,
          },
    message: {
      messageId: op.messageId,
      contextId: op.contextId ?? '',
      taskId: op.taskId ?? '',
      role: Role.ROLE_USER,
      parts: [{ content: { $case: 'text', value: op.text }, metadata: undefined, filename: '', mediaType: '' }],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [...(op.referenceTaskIds ?? [])],
    },
  };
}

/** In A2A 0.3 a request that says nothing does not wait. */
export function waiting(request: SendMessageRequest): SendMessageRequest {
  const nothingSaid = { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately: false };
  return { ...request, configuration: request.configuration ?? nothingSaid };
}

export function taskRequest(op: TaskOp, tenant: string): GetTaskRequest & SubscribeToTaskRequest {
  return { tenant, id: op.taskId };
}

export function cancelRequest(op: TaskOp, tenant: string): CancelTaskRequest {
  return { tenant, id: op.taskId, metadata: undefined };
}

export function listRequest(op: ListTasksOp, tenant: string): ListTasksRequest {
  return {
    tenant,
    contextId: op.contextId ?? '',
    status: taskStateFromJSON(op.status ?? 'TASK_STATE_UNSPECIFIED'),
    pageToken: op.pageToken ?? '',
    statusTimestampAfter: op.statusTimestampAfter,
    pageSize: op.pageSize,
    historyLength: op.historyLength,
    includeArtifacts: op.includeArtifacts,
  };
}

export function createConfigRequest(op: PushConfigOp, tenant: string, secret?: HookSecret): TaskPushNotificationConfig {
  return configOf(op, tenant, secret);
}

function configOf(
  { configId, taskId, url = '' }: Pick<PushConfigOp, 'configId' | 'taskId' | 'url'>,
  tenant: string,
  { token = '', authentication }: HookSecret = {},
): TaskPushNotificationConfig {
  return { tenant, id: configId, taskId, url, token, authentication };
}

export function configRequest(
  op: PushConfigOp,
  tenant: string,
): GetTaskPushNotificationConfigRequest & DeleteTaskPushNotificationConfigRequest {
  return { tenant, taskId: op.taskId, id: op.configId };
}

export function listConfigsRequest(op: TaskOp, tenant: string): ListTaskPushNotificationConfigsRequest {
  return { tenant, taskId: op.taskId, pageSize: 0, pageToken: '' };
}
