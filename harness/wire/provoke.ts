/**
 * Sends one hostile request as it is, past the SDK and on a connection of its own, so that nobody else's request shares its fate.
 * It always ends; an answer is taken down unread, since what it means is for a check to say.
 */
import { Client as HttpClient } from 'undici';
import type { Transport } from '../model/a2a.ts';
import type { RawAnswer } from '../model/hostile.ts';
import type { Respond } from '../model/live.ts';
import type { HostileOp, Outcome } from '../model/op.ts';
import { reasonOf } from '../model/reason-of.ts';
import { recordOf } from '../model/record-of.ts';
import { onceStopped, type Stop } from '../model/stop.ts';
import { answeredHere } from './answered-here.ts';
import { failure } from './errors.ts';
import type { GrpcConnection } from './grpc.ts';
import { hostileGrpc, hostileHttp, type RawHttpRequest } from './hostile-requests.ts';

/** Enough to know an answer by; nothing beyond it is waited for. */
const ANSWER_BYTES_MAX = 256 * 1024;
const HEAD_CHARACTERS = 2_000;

export interface Battlefield {
  readonly transport: Transport;
  readonly url: string;
  readonly tenant: string;
  readonly user_agent: string;
  readonly respond?: Respond;
  readonly grpc?: GrpcConnection;
}

export interface ProvokeOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: Stop;
  readonly timeout_ms: number;
}

export async function provoke(field: Battlefield, op: HostileOp, options: ProvokeOptions): Promise<Outcome> {
  const { promise: late, resolve: giveUp } = Promise.withResolvers<Outcome>();
  const over = new AbortController();
  const { request } = op;
  const timer = setTimeout(
    () => giveUp(failure('timeout', `No answer to ${request} within ${options.timeout_ms} ms`)),
    options.timeout_ms,
  );
  const onLeave = (): void => giveUp(failure('aborted', `muster gave ${request} up before there was an answer`));
  const letGo = onceStopped(options.signal, onLeave);
  try {
    if (options.signal.aborted) onLeave();
    const answer =
      field.transport === 'grpc'
        ? overGrpc(field, op, options, over.signal)
        : overHttp(field, op, options, over.signal);
    return await Promise.race([late, answer]);
  } finally {
    clearTimeout(timer);
    letGo();
    over.abort();
  }
}

const cannotSay = ({ request }: HostileOp, { transport }: Battlefield): Outcome =>
  failure('not-sendable', `Over ${transport} there is no way to say ${request}`);

async function overHttp(
  field: Battlefield,
  op: HostileOp,
  { headers }: ProvokeOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const { transport, tenant, user_agent, respond } = field;
  const raw = transport === 'grpc' ? undefined : hostileHttp(op.request, transport, { id: op.id, tenant });
  if (raw === undefined) return cannotSay(op, field);
  const url = new URL(field.url);
  const sent = {
    ...raw,
    path: `${url.pathname.replace(/\/$/, '')}${raw.path}${url.search}`,
    headers: { 'user-agent': user_agent, 'A2A-Version': '1.0', ...headers, ...raw.headers },
  };
  const dispatcher =
    respond === undefined
      ? new HttpClient(url.origin, { headersTimeout: 0, bodyTimeout: 0, pipelining: 1 })
      : answeredHere(respond, url.origin);
  try {
    return await exchanged(dispatcher, sent, transport === 'jsonrpc', signal);
  } finally {
    await dispatcher.destroy();
  }
}

function exchanged(
  dispatcher: Pick<HttpClient, 'dispatch'>,
  request: RawHttpRequest,
  isJsonRpc: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let sent = false;
    let head: { readonly status: number; readonly content_type: string } | undefined;
    const finish = (): void => {
      if (head === undefined) return;
      const answer = httpAnswer(head, Buffer.concat(chunks).toString('utf8'), isJsonRpc);
      resolve(told(bytes > ANSWER_BYTES_MAX ? { ...answer, goes_on: true } : answer));
    };
    dispatcher.dispatch(request, {
      onRequestStart(controller) {
        sent = true;
        signal.addEventListener('abort', () => controller.abort(new Error('over')), { once: true });
        if (signal.aborted) controller.abort(new Error('over'));
      },
      onResponseStart(_controller, status, headers) {
        if (status >= 200) head = { status, content_type: String(headers['content-type'] ?? '') };
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
        bytes += chunk.length;
        const isStream = head?.content_type.startsWith('text/event-stream') === true;
        // A stream that was opened may go on for long: its first event says all.
        if (bytes > ANSWER_BYTES_MAX || (isStream && /\n\r?\n/.test(chunk.toString('latin1')))) finish();
      },
      onResponseEnd: finish,
      onResponseError(_controller, error) {
        const code = sent ? 'connection-lost' : 'connection-refused';
        // A server may refuse a large body before it has read it, and hang up: what it said then counts.
        if (head !== undefined) finish();
        else resolve(failure(code, reasonOf(error)));
      },
    });
  });
}

const told = (answer: RawAnswer): Outcome => ({ type: 'ok', value: { answer } });

function httpAnswer(
  { status, content_type }: { readonly status: number; readonly content_type: string },
  body: string,
  isJsonRpc: boolean,
): RawAnswer {
  const seen = { status, content_type, head: body.slice(0, HEAD_CHARACTERS).toWellFormed() };
  const isStream = content_type.startsWith('text/event-stream');
  const json = recordOf(parsed(isStream ? (/^data: ?(.*)$/m.exec(body)?.[1] ?? '') : body));
  const code = recordOf(json['error'])['code'];
  if (isJsonRpc) {
    if (typeof code === 'number') return { ...seen, refusal: code };
    return 'result' in json ? { ...seen, result: true } : seen;
  }
  // An error event within a stream has the stream's own status, 200.
  if (isStream && status < 300 && typeof code === 'number') return { ...seen, refusal: code };
  if (status >= 400) return { ...seen, refusal: status };
  return Object.keys(json).length > 0 ? { ...seen, result: true } : seen;
}

async function overGrpc(
  field: Battlefield,
  op: HostileOp,
  { headers }: ProvokeOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const raw = hostileGrpc(op.request, { id: op.id, tenant: field.tenant });
  if (raw === undefined || field.grpc === undefined) return cannotSay(op, field);
  const { status, details, cut } = await field.grpc.call(
    { ...raw, headers: { 'A2A-Version': '1.0', ...headers, ...raw.headers } },
    signal,
  );
  if (cut !== undefined) return failure(cut, details);
  const seen = { status, content_type: '', head: details.slice(0, HEAD_CHARACTERS).toWellFormed() };
  return told(status === 0 ? { ...seen, result: true } : { ...seen, refusal: status });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What it is instead is for the check to say.
    return undefined;
  }
}
