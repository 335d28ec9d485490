/**
 * The bytes of each hostile request, for each transport that has a way to say such a thing. Everything around the one mistake
 * is as it should be, so that the answer is an answer to that mistake.
 */
import type { Transport } from '../model/a2a.ts';
import type { HostileName } from '../model/hostile.ts';
import { bytesField, textField } from './protobuf.ts';

export interface RawHttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the interface's own. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export interface RawGrpcRequest {
  /** Of the service `lf.a2a.v1.A2AService`. */
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Blanks {
  readonly id: string;
  readonly tenant: string;
}

const NESTED_LEVELS = 10_000;
const OVERSIZED_BYTES = 5_000_000;
const UNKNOWN_VERSION = { 'A2A-Version': '99.0' };

/** Nothing where the transport has no way to say it. */
export function hostileHttp(
  request: HostileName,
  transport: Exclude<Transport, 'grpc'>,
  blanks: Blanks,
): RawHttpRequest | undefined {
  return transport === 'jsonrpc' ? jsonRpcOf(request, blanks) : restOf(request, blanks);
}

function jsonRpcOf(request: HostileName, { id, tenant }: Blanks): RawHttpRequest | undefined {
  const call = (method: string, params: string): string =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"${method}","params":${withTenant(params, tenant)}}`;
  const getTask = call('GetTask', `{"id":${JSON.stringify(id)}}`);
  switch (request) {
    case 'not-json':
      return posted(getTask.slice(0, -9));
    case 'empty-body':
      return posted('');
    case 'wrong-jsonrpc-version':
      return posted(getTask.replace('"jsonrpc":"2.0"', '"jsonrpc":"1.0"'));
    case 'no-method':
      return posted(getTask.replace('"method":"GetTask",', ''));
    case 'unknown-method':
      return posted(call('ExplodeTask', '{}'));
    case 'missing-params':
      return posted(call('SendMessage', '{}'));
    case 'wrong-types':
      return posted(call('SendMessage', '{"message":42}'));
    case 'unknown-task':
      return posted(getTask);
    case 'unknown-version':
      return posted(getTask, UNKNOWN_VERSION);
    case 'wrong-content-type':
      return posted('<task/>', { 'Content-Type': 'text/xml' });
    case 'lone-surrogate':
      return posted(call('GetTask', '{"id":"\\ud800"}'));
    case 'push-unclaimed':
      return posted(call('ListTaskPushNotificationConfigs', `{"taskId":${JSON.stringify(id)}}`));
    case 'streaming-unclaimed':
      return posted(call('SendStreamingMessage', sendParams(id)));
    case 'extended-card-unclaimed':
      return posted(call('GetExtendedAgentCard', '{}'));
    default:
      return posted(call('SendMessage', heavyParams(request, id)));
  }
}

function restOf(request: HostileName, { id, tenant }: Blanks): RawHttpRequest | undefined {
  const root = tenant === '' ? '' : `/${encodeURIComponent(tenant)}`;
  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}): RawHttpRequest => ({
    ...posted(body, { 'Content-Type': 'application/a2a+json', ...headers }),
    path: `${root}${path}`,
  });
  const get = (path: string, headers: Readonly<Record<string, string>> = {}): RawHttpRequest => ({
    method: 'GET',
    path: `${root}${path}`,
    headers,
    body: null,
  });
  switch (request) {
    case 'wrong-jsonrpc-version':
    case 'no-method':
      return undefined;
    case 'not-json':
      return post('/message:send', sendParams(id).slice(0, -9));
    case 'empty-body':
      return post('/message:send', '');
    case 'unknown-method':
      return post(`/tasks/${id}:explode`, '{}');
    case 'missing-params':
      return post('/message:send', '{}');
    case 'wrong-types':
      return post('/message:send', '{"message":42}');
    case 'unknown-task':
      return get(`/tasks/${id}`);
    case 'unknown-version':
      return get(`/tasks/${id}`, UNKNOWN_VERSION);
    case 'wrong-content-type':
      return post('/message:send', '<task/>', { 'Content-Type': 'text/xml' });
    case 'lone-surrogate':
      return get('/tasks/%ED%A0%80');
    case 'push-unclaimed':
      return get(`/tasks/${id}/pushNotificationConfigs`);
    case 'streaming-unclaimed':
      return post('/message:stream', sendParams(id));
    case 'extended-card-unclaimed':
      return get('/extendedAgentCard');
    default:
      return post('/message:send', heavyParams(request, id));
  }
}

/** Field numbers of a2a.proto: a task's id is 2, a message 2 with its own id in 1, its parts in 5 and their text in 1. */
export function hostileGrpc(request: HostileName, { id, tenant }: Blanks): RawGrpcRequest | undefined {
  const call = (method: string, ...fields: readonly Buffer[]): RawGrpcRequest => ({
    method,
    headers: {},
    body: Buffer.concat([...(tenant === '' ? [] : [textField(1, tenant)]), ...fields]),
  });
  const message = (text: Buffer): Buffer =>
    bytesField(2, Buffer.concat([textField(1, id), Buffer.from([0x20, 1]), bytesField(5, bytesField(1, text))]));
  switch (request) {
    case 'not-json':
      return { ...call('GetTask'), body: Buffer.from(JSON.stringify({ id })) };
    case 'unknown-method':
      return call('ExplodeTask');
    case 'missing-params':
      return call('SendMessage');
    case 'unknown-task':
      return call('GetTask', textField(2, id));
    case 'unknown-version':
      return { ...call('GetTask', textField(2, id)), headers: UNKNOWN_VERSION };
    case 'lone-surrogate':
      return call('GetTask', bytesField(2, Buffer.from([0xed, 0xa0, 0x80])));
    case 'oversized-body':
      return call('SendMessage', message(Buffer.alloc(OVERSIZED_BYTES, 'x')));
    case 'push-unclaimed':
      // Here the tenant is field 4 and the task field 1.
      return { ...call('ListTaskPushNotificationConfigs'), body: textField(1, id) };
    case 'streaming-unclaimed':
      return call('SendStreamingMessage', message(Buffer.from('Hello')));
    case 'extended-card-unclaimed':
      return call('GetExtendedAgentCard');
    default:
      return undefined;
  }
}

const posted = (body: string, headers: Readonly<Record<string, string>> = {}): RawHttpRequest => ({
  method: 'POST',
  path: '',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: Buffer.from(body),
});

const withTenant = (params: string, tenant: string): string =>
  tenant === '' ? params : `{"tenant":${JSON.stringify(tenant)}${params === '{}' ? '' : ','}${params.slice(1)}`;

const sendParams = (id: string, text = 'Hello', metadata = '{}'): string =>
  `{"message":{"messageId":${JSON.stringify(id)},"role":"ROLE_USER","parts":[{"text":"${text}"}],"metadata":${metadata}}}`;

function heavyParams(request: HostileName, id: string): string {
  switch (request) {
    case 'deep-nesting':
      return sendParams(id, 'Hello', `{"deep":${'['.repeat(NESTED_LEVELS)}${']'.repeat(NESTED_LEVELS)}}`);
    case 'prototype-keys':
      return sendParams(id, 'Hello', '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}');
    case 'oversized-body':
      return sendParams(id, 'x'.repeat(OVERSIZED_BYTES));
    default:
      throw new Error(`Failed to make the hostile request "${request}": give it its bytes in hostile-requests.ts`);
  }
}
