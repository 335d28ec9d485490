/**
 * What a request asks of an agent, read off the wire alike for JSON-RPC (§9) and HTTP+JSON (§11): a test of an app wants to
 * know what was asked, not how it was put.
 */

export interface Asked {
  /** Named as on the wire (§5.3): `SendMessage`, `SendStreamingMessage`, `GetTask`, … */
  readonly operation: string;
  /** In the JSON of the specification: `params` of JSON-RPC; body, query and ids of the path of HTTP+JSON. */
  readonly params: Readonly<Record<string, unknown>>;
  /** All text of the message, where one was sent. */
  readonly text: string;
  readonly headers: Headers;
}

const TASK = '/tasks/(?<id>[^/:]+)';
const CONFIGS = '/tasks/(?<taskId>[^/:]+)/pushNotificationConfigs';

/** A tenant's name may come first. */
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

/** Nothing where it is no operation, such as a request for the agent card. The request can still be read afterwards. */
export async function askedOf(request: Request, url: string): Promise<Asked | undefined> {
  const { pathname, searchParams } = new URL(request.url.slice(url.length), 'http://agent.invalid');
  const body = recordOf(await bodyOf(request));
  if (typeof body['method'] === 'string' && 'jsonrpc' in body) {
    return asked(body['method'], recordOf(body['params']), request);
  }
  for (const [method, path, operation] of ROUTES) {
    const match = method === request.method ? path.exec(pathname) : null;
    if (match === null) continue;
    const ids = Object.entries({ ...match.groups }).map(([name, id]) => [name, decodeURIComponent(id)]);
    return asked(operation, { ...Object.fromEntries(searchParams), ...body, ...Object.fromEntries(ids) }, request);
  }
  return undefined;
}

function asked(operation: string, params: Asked['params'], { headers }: Request): Asked {
  const parts: unknown = recordOf(params['message'])['parts'];
  const texts = Array.isArray(parts) ? parts.map((part) => recordOf(part)['text']) : [];
  return { operation, params, text: texts.filter((text) => typeof text === 'string').join(''), headers };
}

async function bodyOf(request: Request): Promise<unknown> {
  if (request.body === null) return undefined;
  const text = await request.clone().text();
  try {
    return JSON.parse(text);
  } catch {
    // The agent itself says what it thinks of such a body.
    return undefined;
  }
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
