/**
 * The one place that says which failure is which: its code, whether the op then certainly did not happen (`fail`) or
 * nobody knows (`info`), what it means, and how it is recognised in each transport. `classify` reads this table and
 * the docs are made from it, so a code that is not here does not exist.
 */
import type { Transport } from '../model/a2a.ts';
import type { Outcome } from '../model/op.ts';

export interface ErrorRow {
  /** `http-<status>` stands for a family: `http-401`, `http-503`, … */
  readonly code: string;
  /** True is recorded as `fail`, false as `info`. */
  readonly definite: boolean;
  readonly meaning: string;
  readonly recognised: Readonly<Record<Transport, string>>;
  /** For errors of the protocol itself (§5.4, §9.5). */
  readonly jsonrpc_code?: number;
}

const GRPC_STATUS: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

function protocolRow(
  code: string,
  [jsonrpc, http, grpc]: readonly [jsonrpc: number, http: number, grpc: number],
  reason: string,
  meaning: string,
  also = '',
): ErrorRow {
  return {
    code,
    definite: true,
    meaning,
    recognised: {
      jsonrpc: `error code ${jsonrpc}`,
      rest: `ErrorInfo reason ${reason}, with HTTP status ${http}${also}`,
      grpc: `ErrorInfo reason ${reason}, with status ${GRPC_STATUS[grpc] ?? grpc}${also}`,
    },
    jsonrpc_code: jsonrpc,
  };
}

function standardRow(
  code: string,
  jsonrpc_code: number,
  { rest, grpc, meaning }: { readonly rest: string; readonly grpc: string; readonly meaning: string },
): ErrorRow {
  const recognised = { jsonrpc: `error code ${jsonrpc_code}`, rest, grpc };
  return { code, definite: true, meaning, recognised, jsonrpc_code };
}

function row(code: string, definite: boolean, meaning: string, http: string, grpc: string): ErrorRow {
  return { code, definite, meaning, recognised: { jsonrpc: http, rest: http, grpc } };
}

export const errorTable: readonly ErrorRow[] = [
  protocolRow(
    'TaskNotFoundError',
    [-32001, 404, 5],
    'TASK_NOT_FOUND',
    'There is no such task for this user.',
    ', or NOT_FOUND without a reason',
  ),
  protocolRow(
    'TaskNotCancelableError',
    [-32002, 400, 9],
    'TASK_NOT_CANCELABLE',
    'The task can no longer be cancelled.',
  ),
  protocolRow(
    'PushNotificationNotSupportedError',
    [-32003, 400, 9],
    'PUSH_NOTIFICATION_NOT_SUPPORTED',
    'The agent sends no push notifications.',
  ),
  protocolRow(
    'UnsupportedOperationError',
    [-32004, 400, 9],
    'UNSUPPORTED_OPERATION',
    'The agent does not do this, or not in the state the task is in.',
  ),
  protocolRow(
    'ContentTypeNotSupportedError',
    [-32005, 400, 3],
    'CONTENT_TYPE_NOT_SUPPORTED',
    'The agent does not take content of this media type.',
  ),
  protocolRow(
    'InvalidAgentResponseError',
    [-32006, 500, 13],
    'INVALID_AGENT_RESPONSE',
    'The agent noticed that its own answer breaks the specification.',
  ),
  protocolRow(
    'ExtendedAgentCardNotConfiguredError',
    [-32007, 400, 9],
    'EXTENDED_AGENT_CARD_NOT_CONFIGURED',
    'The agent has no extended card.',
  ),
  protocolRow(
    'ExtensionSupportRequiredError',
    [-32008, 400, 9],
    'EXTENSION_SUPPORT_REQUIRED',
    'The agent insists on an extension that muster did not declare.',
  ),
  protocolRow(
    'VersionNotSupportedError',
    [-32009, 400, 9],
    'VERSION_NOT_SUPPORTED',
    'The agent does not speak the protocol version that its card offers.',
  ),
  standardRow('JSONParseError', -32700, {
    meaning: 'The agent could not read the request as JSON.',
    rest: 'told as InvalidParamsError',
    grpc: 'told as InvalidParamsError',
  }),
  standardRow('InvalidRequestError', -32600, {
    meaning: 'The agent did not take the request for one of JSON-RPC.',
    rest: 'told as InvalidParamsError',
    grpc: 'told as InvalidParamsError',
  }),
  standardRow('MethodNotFoundError', -32601, {
    meaning: 'The agent does not know the operation.',
    rest: 'told by its HTTP status, as http-404 or http-405',
    grpc: 'status UNIMPLEMENTED',
  }),
  standardRow('InvalidParamsError', -32602, {
    meaning: 'The agent refused the request as malformed.',
    rest: 'ErrorInfo reason INVALID_PARAMS, with HTTP status 400',
    grpc: 'ErrorInfo reason INVALID_PARAMS, or status INVALID_ARGUMENT without a reason',
  }),
  standardRow('InternalError', -32603, {
    meaning: 'Something broke inside the agent, and it said so.',
    rest: 'a google.rpc.Status body with status INTERNAL or UNKNOWN, or an error event without a known reason',
    grpc: 'status INTERNAL or UNKNOWN without a reason',
  }),
  {
    code: 'OtherProtocolError',
    definite: true,
    meaning: 'The agent refused with an error code of its own; `status` holds it.',
    recognised: {
      jsonrpc: 'any other numeric error code',
      rest: 'told by its HTTP status instead',
      grpc: 'told by the HTTP status that its gRPC status stands for',
    },
  },
  row(
    'http-<status>',
    true,
    'The request was refused before it reached the protocol: 401, 403 or 429 by a guard, 5xx by a server in trouble.',
    'an HTTP status outside 2xx whose body is no A2A error',
    'UNAUTHENTICATED is 401, PERMISSION_DENIED 403, RESOURCE_EXHAUSTED 429, UNAVAILABLE 503, others by google.rpc.Code',
  ),
  row(
    'junk-answer',
    true,
    'Something answered, but not with what the specification has for this op: HTML, broken JSON, a task without id.',
    'a 2xx answer with another content type, unreadable JSON, a foreign id or a missing member',
    'a message that cannot be decoded, or one that lacks a required member',
  ),
  row(
    'connection-refused',
    true,
    'No connection could be made, so nothing was sent.',
    'an error of the socket before the request was written: ECONNREFUSED, EHOSTUNREACH, ENOTFOUND',
    'UNAVAILABLE with "No connection established", or a name that does not resolve',
  ),
  row(
    'no-socket',
    true,
    "muster's own machine had no port or file descriptor left; this is not the agent's doing.",
    'EADDRNOTAVAIL, EMFILE or ENFILE before the request was written',
    'the same words in the details of UNAVAILABLE',
  ),
  row(
    'not-sendable',
    true,
    'The request cannot be put on the wire as it is: a header holds characters that the transport forbids.',
    'refused by the HTTP client before connecting',
    'refused by the metadata of the gRPC client before connecting',
  ),
  row(
    'not-in-protocol',
    true,
    'The agent speaks A2A 0.3, which does not have this operation. Nothing was sent, and nobody is blamed.',
    'ListTasks to an agent of A2A 0.3',
    'the same',
  ),
  row(
    'connection-lost',
    false,
    'The connection went after the request was sent; the agent may have acted on it or not.',
    'an error of the socket after the request was written, or in the middle of the answer',
    'UNAVAILABLE with a dropped connection, a stream reset, or CANCELLED by the other side',
  ),
  row(
    'timeout',
    false,
    'No whole answer in time; for streams, no event in time.',
    "muster's own clock",
    "muster's own clock, or DEADLINE_EXCEEDED",
  ),
  row('aborted', false, 'muster itself gave the op up before there was an answer.', 'its own signal', 'its own signal'),
  row(
    'answer-too-large',
    false,
    'The answer grew beyond `answer_bytes_max` (a stream: 64 times that, or one event beyond 4 MiB) and was cut off.',
    'bytes counted while reading',
    'RESOURCE_EXHAUSTED by the gRPC client itself',
  ),
  row(
    'stream-too-long',
    false,
    'The stream brought more than `stream_events_max` events and was left.',
    'events counted while reading',
    'events counted while reading',
  ),
];

const definiteOf = new Map(errorTable.map(({ code, definite }) => [code, definite]));
const codeOfJsonRpc = new Map(
  errorTable.flatMap(({ code, jsonrpc_code }) => (jsonrpc_code === undefined ? [] : [[jsonrpc_code, code]])),
);

/** The error's name for a JSON-RPC code (§5.4, §9.5). */
export function nameOfJsonRpcCode(code: number): string {
  return codeOfJsonRpc.get(code) ?? 'OtherProtocolError';
}

/** Whether the protocol itself has an error of this name. */
export function isProtocolError(name: string): boolean {
  return errorTable.some(({ code, jsonrpc_code }) => code === name && jsonrpc_code !== undefined);
}

/** The outcome for a code of the table; `status` is what the transport said, where it said something. */
export function failure(code: string, message: string, status?: number): Outcome {
  const definite = definiteOf.get(code.startsWith('http-') ? 'http-<status>' : code);
  if (definite === undefined) {
    throw new Error(`No row for the error code ${code} in harness/wire/errors.ts: add one that says if it is definite`);
  }
  const error = { code, message, ...(status === undefined ? {} : { status }) };
  return definite ? { type: 'fail', error } : { type: 'info', error };
}

/** HTTP statuses that google.rpc.Code gives to gRPC statuses, for those that carry no A2A reason. */
export const HTTP_OF_GRPC: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];
