/**
 * From what the SDK threw and what was seen on the wire to the row of the error table. What muster itself did (gave
 * up, cut off) is decided before this, except for size; then the protocol's own errors, then the connection's, then
 * HTTP's, and what is left is junk.
 */
import type { Transport } from '../model/a2a.ts';
import type { Outcome } from '../model/op.ts';
import { reasonOf } from '../model/reason-of.ts';
import { failure, HTTP_OF_GRPC, isProtocolError, nameOfJsonRpcCode } from './errors.ts';
import { type Exchange, headOf, quoted } from './exchange.ts';
import { JunkAnswer } from './recorded.ts';

/** Members that the SDK's errors have, depending on the transport. */
interface Fields {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly transport?: unknown;
  readonly envelopeCode?: unknown;
  readonly statusCode?: unknown;
  readonly status?: unknown;
}

const NO_SOCKET = /EADDRNOTAVAIL|EMFILE|ENFILE/;

export function classify(error: unknown, seen: Exchange, transport: Transport): Outcome {
  if (seen.too_large || /exceeded the maximum allowed size/.test(messageOf(error))) {
    return failure('answer-too-large', messageOf(error));
  }
  const signed = a2aError(error);
  if (transport === 'grpc') {
    return signed ? ofGrpc(signed) : (unsendable(error) ?? junk(error, seen));
  }
  const named = signed && (signed.transport === 'rest' ? ofRest(signed, seen) : ofJsonRpc(signed));
  if (named) {
    return named;
  }
  if (!seen.sent) {
    return unsendable(error) ?? ofSocket(seen.broken ?? new Error(messageOf(error)), seen);
  }
  if (seen.broken) {
    return ofSocket(seen.broken, seen);
  }
  if (seen.http_status !== undefined && (seen.http_status < 200 || seen.http_status >= 300)) {
    return ofHttpStatus(seen.http_status, seen);
  }
  return junk(error, seen);
}

function messageOf(error: unknown): string {
  return quoted(reasonOf(error));
}

/** The SDK's typed error, which a mid-stream JSON-RPC error carries as its cause. */
function a2aError(error: unknown): Fields | undefined {
  for (const candidate of [error, (error as Fields | undefined)?.cause]) {
    const fields = (candidate ?? {}) as Fields;
    if (fields.transport === 'jsonrpc' || fields.transport === 'rest' || fields.transport === 'grpc') {
      return fields;
    }
  }
  return undefined;
}

function ofJsonRpc({ envelopeCode, message }: Fields): Outcome | undefined {
  if (typeof envelopeCode !== 'number') {
    return undefined;
  }
  return failure(nameOfJsonRpcCode(envelopeCode), quoted(String(message)), envelopeCode);
}

function ofRest({ name, message, statusCode }: Fields, seen: Exchange): Outcome | undefined {
  // An error event within a stream has the stream's own status, 200, which says nothing of the error.
  const inStream = typeof statusCode !== 'number' || statusCode < 300;
  const status = inStream ? undefined : statusCode;
  const text = quoted(String(message));
  const known = semanticName(name);
  if (known) {
    return failure(known, text, status);
  }
  if (inStream) {
    return failure('InternalError', text);
  }
  const { word, said } = restBody(seen.error_body);
  if (word === 'NOT_FOUND') {
    return failure('TaskNotFoundError', said ?? text, status);
  }
  if (word === 'INTERNAL' || word === 'UNKNOWN') {
    return failure('InternalError', said ?? text, status);
  }
  return undefined;
}

/** `RequestMalformedError` is the SDK's word for what §9.5 calls InvalidParamsError. */
function semanticName(name: unknown): string | undefined {
  if (name === 'RequestMalformedError') {
    return 'InvalidParamsError';
  }
  return typeof name === 'string' && isProtocolError(name) ? name : undefined;
}

/** A google.rpc.Status body without a reason (§11.6), or problem+json that some agents send instead. */
function restBody(body: string | undefined): { readonly word?: string; readonly said?: string } {
  try {
    const json = JSON.parse(body ?? '') as { error?: { status?: unknown; message?: unknown }; type?: unknown };
    const said = typeof json.error?.message === 'string' ? { said: quoted(json.error.message) } : {};
    if (typeof json.error?.status === 'string') {
      return { word: json.error.status, ...said };
    }
    return /\/task-not-found$/.test(String(json.type)) ? { word: 'NOT_FOUND' } : {};
  } catch {
    return {};
  }
}

function ofGrpc({ name, message, status, cause }: Fields): Outcome {
  const code = typeof status === 'number' ? status : 2;
  const details = String((cause as { details?: unknown } | undefined)?.details ?? message);
  const text = quoted(details);
  const known = semanticName(name);
  if (known) {
    return failure(known, text, code);
  }
  return ofGrpcClient(code, details) ?? ofGrpcStatus(code, text);
}

/** What grpc-js itself reports under the status of a server; only the words tell the two apart. */
function ofGrpcClient(code: number, details: string): Outcome | undefined {
  const text = quoted(details);
  const httpStatus = /^Received HTTP status code (\d{3})/.exec(details)?.[1];
  if (httpStatus) {
    return failure(`http-${httpStatus}`, text, Number(httpStatus));
  }
  if (code === 14 && /^(No connection established|Name resolution failed)/.test(details)) {
    return failure(NO_SOCKET.test(details) ? 'no-socket' : 'connection-refused', text, code);
  }
  if (code === 8 && /Received message larger than max/.test(details)) {
    return failure('answer-too-large', text, code);
  }
  if (code === 13 && /message parsing error|^(Unhandled|Received message with invalid)/i.test(details)) {
    return failure('junk-answer', text, code);
  }
  if (/Connection dropped|ECONNRESET|EPIPE|ETIMEDOUT|RST_STREAM|Stream refused|Call cancelled|GOAWAY/.test(details)) {
    return failure('connection-lost', text, code);
  }
  return undefined;
}

function ofGrpcStatus(code: number, text: string): Outcome {
  switch (code) {
    case 1:
      return failure('connection-lost', text, code);
    case 4:
      return failure('timeout', text, code);
    case 5:
      return failure('TaskNotFoundError', text, code);
    case 3:
      return failure('InvalidParamsError', text, code);
    case 12:
      return failure('MethodNotFoundError', text, code);
    case 2:
    case 13:
      return failure('InternalError', text, code);
    default:
      return failure(`http-${HTTP_OF_GRPC[code] ?? 500}`, text, code);
  }
}

function ofSocket(error: Error & { readonly code?: unknown }, seen: Exchange): Outcome {
  // Node tries every address of a name and reports an AggregateError without a message.
  const text = quoted(error.message || String(error.code ?? error.name));
  if (error.name === 'HTTPParserError') {
    return failure('junk-answer', `The agent answered with what is no HTTP: ${text}`);
  }
  if (seen.sent) {
    return failure('connection-lost', seen.answered ? `${text} (in the middle of the answer)` : text);
  }
  return failure(NO_SOCKET.test(`${String(error.code)} ${error.message}`) ? 'no-socket' : 'connection-refused', text);
}

function unsendable(error: unknown): Outcome | undefined {
  const { code } = (error ?? {}) as Fields;
  const text = messageOf(error);
  // An id that is no Unicode text has no place in a path.
  return error instanceof URIError || code === 'UND_ERR_INVALID_ARG' || /^Metadata (string value|key) /.test(text)
    ? failure('not-sendable', text)
    : undefined;
}

function ofHttpStatus(status: number, seen: Exchange): Outcome {
  return failure(`http-${status}`, `HTTP status ${status} with ${bodyOf(seen)}`, status);
}

function bodyOf(seen: Exchange): string {
  const head = quoted(headOf(seen));
  const type = seen.content_type ? `${quoted(seen.content_type)} ` : '';
  return head === '' ? 'an empty body' : `${type}that begins: ${head}`;
}

function junk(error: unknown, seen: Exchange): Outcome {
  const what = error instanceof JunkAnswer ? quoted(error.message) : `what cannot be read (${messageOf(error)})`;
  const shown = seen.answered ? `, in ${bodyOf(seen)}` : '';
  return failure('junk-answer', `The agent answered with ${what}${shown}`, seen.http_status);
}
