/**
 * Which operation an HTTP request asks for, read alike for JSON-RPC (§9) and HTTP+JSON (§11): what cares about operations
 * wants to know what was asked, not how it was put.
 */
import { recordOf } from './record-of.ts';

type Params = Readonly<Record<string, unknown>>;

export interface AskedOperation {
  /** Named as on the wire (§5.3): `SendMessage`, `SendStreamingMessage`, `GetTask`, … */
  readonly operation: string;
  /** In the JSON of the specification: `params` of JSON-RPC; body, query and ids of the path of HTTP+JSON. */
  readonly params: Params;
}

const TASK = '/tasks/(?<id>[^/:]+)';
const CONFIGS = '/tasks/(?<taskId>[^/:]+)/pushNotificationConfigs';

/** A tenant's name, or whatever an agent is mounted at, may come first. */
const ROUTES: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ['POST', /\/message:send$/, 'SendMessage'],
  ['POST', /\/message:stream$/, 'SendStreamingMessage'],
  ['GET', new RegExp(`${TASK}$`), 'GetTask'],
  ['GET', /\/tasks$/, 'ListTasks'],
  ['POST', new RegExp(`${TASK}:cancel$`), 'CancelTask'],
  ['POST', new RegExp(`${TASK}:subscribe$`), 'SubscribeToTask'],
  ['GET', new RegExp(`${TASK}:subscribe$`), 'SubscribeToTask'],
  ['POST', new RegExp(`${CONFIGS}$`), 'CreateTaskPushNotificationConfig'],
  ['GET', new RegExp(`${CONFIGS}$`), 'ListTaskPushNotificationConfigs'],
  ['GET', new RegExp(`${CONFIGS}/(?<id>[^/:]+)$`), 'GetTaskPushNotificationConfig'],
  ['DELETE', new RegExp(`${CONFIGS}/(?<id>[^/:]+)$`), 'DeleteTaskPushNotificationConfig'],
  ['GET', /\/extendedAgentCard$/, 'GetExtendedAgentCard'],
];

/** What A2A 0.3 calls them over JSON-RPC. */
const NAMES_OF_03: Readonly<Record<string, string>> = {
  'message/send': 'SendMessage',
  'message/stream': 'SendStreamingMessage',
  'tasks/get': 'GetTask',
  'tasks/cancel': 'CancelTask',
  'tasks/resubscribe': 'SubscribeToTask',
  'tasks/pushNotificationConfig/set': 'CreateTaskPushNotificationConfig',
  'tasks/pushNotificationConfig/get': 'GetTaskPushNotificationConfig',
  'tasks/pushNotificationConfig/list': 'ListTaskPushNotificationConfigs',
  'tasks/pushNotificationConfig/delete': 'DeleteTaskPushNotificationConfig',
};

/** Nothing where it is no operation, such as a request for the agent card. `body` is text, and need not be JSON. */
export function operationOf(request: {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}): AskedOperation | undefined {
  const { pathname, searchParams } = new URL(request.path, 'http://agent.invalid');
  const body = recordOf(parsed(request.body));
  if (typeof body['method'] === 'string' && 'jsonrpc' in body) {
    const { method } = body;
    const operation = Object.hasOwn(NAMES_OF_03, method) ? NAMES_OF_03[method] : undefined;
    return { operation: operation ?? method, params: recordOf(body['params']) };
  }
  for (const [method, path, operation] of ROUTES) {
    const match = method === request.method ? path.exec(pathname) : null;
    if (match === null) continue;
    const ids = Object.entries({ ...match.groups }).map(([name, id]) => [name, decoded(id)]);
    return { operation, params: { ...Object.fromEntries(searchParams), ...body, ...Object.fromEntries(ids) } };
  }
  return undefined;
}

/** The task that a call names, wherever its operation has the id. */
export function taskOf({ operation, params }: AskedOperation): string | undefined {
  const named = operation.includes('PushNotificationConfig') ? (params['taskId'] ?? params['id']) : params['id'];
  const id = recordOf(params['message'])['taskId'] ?? named;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The agent itself says what it thinks of such a body.
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
