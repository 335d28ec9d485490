/**
 * Requests that no well-meaning client sends, and what the specification has for each: data, so that what is sent and what is
 * demanded stand beside each other. What the specification leaves open is not demanded; harness/wire/hostile-requests.ts has the
 * bytes.
 */
import type { Transport } from './a2a.ts';

export const HOSTILE_NAMES = [
  'not-json',
  'empty-body',
  'wrong-jsonrpc-version',
  'no-method',
  'unknown-method',
  'missing-params',
  'wrong-types',
  'unknown-task',
  'unknown-version',
  'wrong-content-type',
  'lone-surrogate',
  'deep-nesting',
  'prototype-keys',
  'oversized-body',
  'push-unclaimed',
  'streaming-unclaimed',
  'extended-card-unclaimed',
] as const;
export type HostileName = (typeof HOSTILE_NAMES)[number];

/** What an agent claims on its card; asked for where it does not, it has to refuse. */
export type Claim = 'streaming' | 'pushNotifications' | 'extendedAgentCard';

export interface HostileRow {
  readonly request: HostileName;
  /** What is sent, as the object of a sentence. */
  readonly sends: string;
  readonly section: string;
  /** The error that the specification has for it. */
  readonly error?: string;
  /**
   * By which numbers that error is known: codes of JSON-RPC, HTTP statuses, statuses of gRPC. Over a transport without any,
   * whatever is a proper answer will do.
   */
  readonly demands: Partial<Readonly<Record<Transport, readonly number[]>>>;
  /** The specification only advises to refuse it: who makes sense of it may also do it. */
  readonly lenient?: true;
  /** So much that a server may hang up before it has read all of it (RFC 9110 §15.5.14). */
  readonly mayHangUp?: true;
  /** Over HTTP+JSON it is a URL that no operation has, of which the specification says nothing. */
  readonly noSuchUrl?: true;
  /** Is demanded only of agents whose card does not claim this. */
  readonly unclaimed?: Claim;
}

/** §3.3.2 names 400 as an example only, so any status will do that says that the client is wrong. */
const CLIENT_ERRORS = Array.from({ length: 100 }, (_, index) => 400 + index);
const NOT_IMPLEMENTED = 501;
/** INVALID_ARGUMENT is an example too: NOT_FOUND, FAILED_PRECONDITION and OUT_OF_RANGE also blame the request. */
const CLIENT_STATUSES = [3, 5, 9, 11];

export const hostileRows: readonly HostileRow[] = [
  {
    request: 'not-json',
    sends: 'JSON that breaks off',
    section: '§9.5, §3.3.2',
    error: 'JSONParseError',
    demands: { jsonrpc: [-32700], rest: CLIENT_ERRORS },
  },
  {
    request: 'empty-body',
    sends: 'no body at all',
    section: '§9.5, §3.3.2',
    error: 'JSONParseError or InvalidRequestError',
    demands: { jsonrpc: [-32700, -32600], rest: CLIENT_ERRORS },
  },
  {
    request: 'wrong-jsonrpc-version',
    sends: 'a request of JSON-RPC 1.0',
    section: '§9.3, §9.5',
    error: 'InvalidRequestError',
    demands: { jsonrpc: [-32600] },
    lenient: true,
  },
  {
    request: 'no-method',
    sends: 'a request that names no method',
    section: '§9.3, §9.5',
    error: 'InvalidRequestError',
    demands: { jsonrpc: [-32600] },
  },
  {
    request: 'unknown-method',
    sends: 'a request for a method that there is not',
    section: '§9.5',
    error: 'MethodNotFoundError',
    demands: { jsonrpc: [-32601], rest: [...CLIENT_ERRORS, NOT_IMPLEMENTED], grpc: [12] },
    noSuchUrl: true,
  },
  {
    request: 'missing-params',
    sends: 'SendMessage without a message',
    section: '§3.3.2, §5.7, §9.5',
    error: 'InvalidParamsError',
    demands: { jsonrpc: [-32602, -32600], rest: CLIENT_ERRORS, grpc: CLIENT_STATUSES },
    lenient: true,
  },
  {
    request: 'wrong-types',
    sends: 'SendMessage with a number for a message',
    section: '§3.3.2, §5.7, §9.5',
    error: 'InvalidParamsError',
    demands: { jsonrpc: [-32602, -32600], rest: CLIENT_ERRORS },
    lenient: true,
  },
  {
    request: 'unknown-task',
    sends: 'GetTask with an id that nobody was given',
    section: '§3.3.2, §5.4',
    error: 'TaskNotFoundError',
    demands: { jsonrpc: [-32001], rest: [404], grpc: [5] },
  },
  {
    request: 'unknown-version',
    sends: 'a request in version 99.0 of A2A',
    section: '§3.6.2, §5.4',
    error: 'VersionNotSupportedError',
    demands: { jsonrpc: [-32009], rest: [400], grpc: [9] },
  },
  { request: 'wrong-content-type', sends: 'XML', section: '§3.3.2', demands: {} },
  {
    request: 'lone-surrogate',
    sends: 'GetTask with an id that is no Unicode text',
    section: '§3.3.2, §5.4',
    error: 'TaskNotFoundError or an error that blames the request',
    demands: { jsonrpc: [-32001, -32602, -32600, -32700], rest: CLIENT_ERRORS },
  },
  { request: 'deep-nesting', sends: 'a message with metadata 10,000 levels deep', section: '§3.3.2', demands: {} },
  { request: 'prototype-keys', sends: 'a message with metadata named __proto__', section: '§3.3.2', demands: {} },
  { request: 'oversized-body', sends: 'a message of 5 MB', section: '§3.3.2', demands: {}, mayHangUp: true },
  {
    request: 'push-unclaimed',
    sends: 'ListTaskPushNotificationConfigs to an agent that claims no push notifications',
    section: '§3.3.4, §5.4',
    error: 'PushNotificationNotSupportedError',
    demands: { jsonrpc: [-32003], rest: [400], grpc: [9] },
    unclaimed: 'pushNotifications',
  },
  {
    request: 'streaming-unclaimed',
    sends: 'SendStreamingMessage to an agent that claims no streaming',
    section: '§3.3.4, §5.4',
    error: 'UnsupportedOperationError',
    demands: { jsonrpc: [-32004], rest: [400], grpc: [9] },
    unclaimed: 'streaming',
  },
  {
    request: 'extended-card-unclaimed',
    sends: 'GetExtendedAgentCard to an agent that claims none',
    section: '§3.1.11, §3.3.4, §5.4',
    error: 'UnsupportedOperationError',
    demands: { jsonrpc: [-32004], rest: [400], grpc: [9] },
    unclaimed: 'extendedAgentCard',
  },
];

/** What came back, as it came: nobody has made sense of it before. */
export interface RawAnswer {
  /** Of HTTP, or of gRPC. */
  readonly status: number;
  /** Empty where it says nothing, and over gRPC. */
  readonly content_type: string;
  /** It refuses, in the transport's own words: the code of JSON-RPC, or the status. */
  readonly refusal?: number;
  /** It is what the operation gives when all is well. */
  readonly result?: true;
  /** The beginning of the body, or the message of gRPC. */
  readonly head: string;
  /** The body went on for longer than anybody waited, so that its JSON says neither. */
  readonly goes_on?: true;
}
