/**
 * One op from beginning to end: it always ends, by an answer, by the clock or by the reader leaving, and whatever it
 * ends with is an outcome. What comes after the end is ignored, and the connection is let go.
 */
import { A2A_VERSION_HEADER, type StreamResponse as SdkStreamResponse } from '@a2a-js/sdk';
import type { RequestOptions, Transport as SdkTransport } from '@a2a-js/sdk/client';
import type { StreamResponse, Transport } from '../model/a2a.ts';
import type { HookSecret } from '../model/hooks.ts';
import { join, type Line, leave } from '../model/line.ts';
import type { OpValue, Outcome, ProtocolOp } from '../model/op.ts';
import { onceStopped, type Stop } from '../model/stop.ts';
import { classify } from './classify.ts';
import { failure } from './errors.ts';
import { asSignal, type Exchange, endExchange, newExchange } from './exchange.ts';
import { recordedConfig, recordedEvent, recordedPage, recordedReply, recordedTask } from './recorded.ts';
import {
  cancelRequest,
  configRequest,
  createConfigRequest,
  listConfigsRequest,
  listRequest,
  sendRequest,
  taskRequest,
  waiting,
} from './request.ts';

/** What ops are performed over. */
export interface Connection {
  readonly sdk: SdkTransport;
  readonly transport: Transport;
  readonly tenant: string;
  /** It is A2A 0.3 that is spoken. */
  readonly is03: boolean;
  /** Of A2A, as requests name it. */
  readonly version: string;
  readonly stream_events_max: number;
  /** The ops under way: what makes each of them stop. Once it is closed, none begins. */
  readonly open: { closed: boolean; readonly leave: Line<() => void> };
  /** The fetch under the SDK is ours: what it sees of a call it writes into the exchange; not for gRPC. */
  readonly isSeen: boolean;
}

export interface PerformOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: Stop;
  readonly timeout_ms: number;
  readonly onEvent: (payload: StreamResponse) => void;
  /** See `Wire.perform`. */
  readonly hold?: () => Promise<void>;
  readonly pace?: () => Promise<void>;
  readonly secret?: HookSecret | undefined;
}

/** Beyond it `setTimeout` fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const OVER = new Error('The op is over');

const REPEATABLE: ReadonlySet<ProtocolOp['op']> = new Set([
  'GetTask',
  'ListTasks',
  'SubscribeToTask',
  'GetTaskPushNotificationConfig',
  'ListTaskPushNotificationConfigs',
]);

/** An op, and the secret of the webhook that it names. */
interface Asked {
  readonly op: ProtocolOp;
  readonly secret: HookSecret | undefined;
}

export async function perform(connection: Connection, op: ProtocolOp, options: PerformOptions): Promise<Outcome> {
  if (connection.is03 && op.op === 'ListTasks') {
    return failure('not-in-protocol', 'A2A 0.3, which this agent speaks, has no ListTasks; nothing was sent');
  }
  const streams = op.op === 'SendStreamingMessage' || op.op === 'SubscribeToTask';
  const reading = { events: 0, over: false };
  const { promise, resolve: end, reject } = Promise.withResolvers<Outcome>();
  const onLate = (): void => end(failure('timeout', lateness(op, streams, options.timeout_ms, reading.events)));
  const startClock = () => setTimeout(onLate, Math.min(options.timeout_ms, TIMER_MS_MAX));
  let timer = startClock();
  const hold = async () => {
    clearTimeout(timer);
    await options.hold?.();
    if (!reading.over) timer = startClock();
  };
  const exchange = newExchange(REPEATABLE.has(op.op), options.hold && hold);
  const serviceParameters = { ...options.headers, [A2A_VERSION_HEADER]: connection.version };
  // Over HTTP the exchange itself is what a call is let go with.
  const abort = connection.isSeen ? undefined : new AbortController();
  const request = { signal: abort?.signal ?? asSignal(exchange), serviceParameters };
  const onLeave = () =>
    end(
      streams
        ? { type: 'ok', value: { events: reading.events, ended: 'by-reader' } }
        : failure('aborted', `muster gave ${op.op} up before there was an answer`),
    );
  const letGo = onceStopped(options.signal, onLeave);
  const place = join(connection.open.leave, onLeave);

  try {
    if (options.signal.aborted || connection.open.closed) {
      onLeave();
      return await promise;
    }
    if (!connection.isSeen && exchange.hold !== undefined) {
      await Promise.race([promise, exchange.hold()]);
      if (options.signal.aborted) return await promise;
    }
    const asked = { op, secret: options.secret };
    if (streams) {
      const onEvent = (event: StreamResponse): void => {
        timer.refresh();
        options.onEvent(event);
      };
      readStream(connection, asked, request, exchange, reading, { onEvent, pace: options.pace }).then(end, reject);
    } else {
      unary(connection, asked, request, exchange).then(
        (value) => end({ type: 'ok', value }),
        (error: unknown) => end(classify(error, exchange, connection.transport)),
      );
    }
    return withRetryAfter(await promise, exchange);
  } finally {
    reading.over = true;
    clearTimeout(timer);
    letGo();
    leave(place);
    abort?.abort(OVER);
    endExchange(exchange, OVER);
  }
}

/** Of an answer that says when to come back (RFC 9110 §10.2.3: in seconds, or when it is later than a date). */
function withRetryAfter(outcome: Outcome, { retry_after }: Exchange): Outcome {
  if (outcome.type === 'ok' || retry_after === undefined) return outcome;
  const after_ms = /^\d{1,7}$/.test(retry_after) ? Number(retry_after) * 1000 : Date.parse(retry_after) - Date.now();
  if (!Number.isFinite(after_ms)) return outcome;
  return { type: outcome.type, error: { ...outcome.error, retry_after_ms: Math.max(0, after_ms) } };
}

function lateness(op: ProtocolOp, streams: boolean, timeout_ms: number, events: number): string {
  return streams
    ? `No event of ${op.op} for ${timeout_ms} ms, after ${events} events`
    : `No answer to ${op.op} within ${timeout_ms} ms`;
}

/** Reads to the end. An error of `onEvent` is not the agent's and rejects. */
async function readStream(
  connection: Connection,
  { op, secret }: Asked,
  request: RequestOptions,
  exchange: Exchange,
  reading: { events: number; over: boolean },
  { onEvent, pace }: { readonly onEvent: PerformOptions['onEvent']; readonly pace: PerformOptions['pace'] },
): Promise<Outcome> {
  const { sdk, tenant, stream_events_max } = connection;
  let stream: AsyncGenerator<SdkStreamResponse, void, undefined> | undefined;
  try {
    stream =
      op.op === 'SendStreamingMessage'
        ? sdk.sendMessageStream(sendRequest(op, tenant, secret), request)
        : op.op === 'SubscribeToTask'
          ? sdk.resubscribeTask(taskRequest(op, tenant), request)
          : undefined;
    while (stream) {
      let event: StreamResponse;
      await pace?.();
      try {
        const next = await stream.next();
        if (next.done || reading.over) {
          break;
        }
        event = recordedEvent(next.value);
      } catch (error) {
        return classify(error, exchange, connection.transport);
      }
      if (reading.events === stream_events_max) {
        return failure('stream-too-long', `${op.op} brought more than ${stream_events_max} events`);
      }
      reading.events += 1;
      onEvent(event);
    }
    return { type: 'ok', value: { events: reading.events, ended: 'by-agent' } };
  } finally {
    // Not awaited: a generator that hangs must not hang the op.
    void stream?.return().catch(() => {});
  }
}

async function unary(
  { sdk, tenant, is03 }: Connection,
  { op, secret }: Asked,
  request: RequestOptions,
  exchange: Exchange,
): Promise<OpValue> {
  switch (op.op) {
    case 'SendMessage':
      return recordedReply(
        await sdk.sendMessage(
          is03 ? waiting(sendRequest(op, tenant, secret)) : sendRequest(op, tenant, secret),
          request,
        ),
      );
    case 'GetTask':
      return { task: recordedTask(await sdk.getTask(taskRequest(op, tenant), request)) };
    case 'CancelTask':
      return { task: recordedTask(await sdk.cancelTask(cancelRequest(op, tenant), request)) };
    case 'ListTasks':
      return recordedPage(await sdk.listTasks(listRequest(op, tenant), request), exchange.json);
    case 'CreateTaskPushNotificationConfig': {
      const created = await sdk.createTaskPushNotificationConfig(createConfigRequest(op, tenant, secret), request);
      return { config: recordedConfig(created) };
    }
    case 'GetTaskPushNotificationConfig':
      return { config: recordedConfig(await sdk.getTaskPushNotificationConfig(configRequest(op, tenant), request)) };
    case 'ListTaskPushNotificationConfigs': {
      const { configs } = await sdk.listTaskPushNotificationConfig(listConfigsRequest(op, tenant), request);
      return { configs: configs.map(recordedConfig) };
    }
    case 'DeleteTaskPushNotificationConfig':
      await sdk.deleteTaskPushNotificationConfig(configRequest(op, tenant), request);
      return {};
    default:
      throw new Error(`Cannot perform ${op.op}: it is not an op of the protocol with one answer`);
  }
}
