/**
 * Asks for an agent card and says what came instead. A refusal is a value with a sentence, because whoever waits for an
 * agent to boot meets many; only an abort is thrown. Whatever is quoted from an answer is hostile text, and short.
 */
import { buildConnector, Client, Agent as Dispatcher, fetch } from 'undici';
import { CARD_USER_AGENT } from '../model/user-agent.ts';
import { type Card, isRecord } from './card.ts';
import { noteQuestion } from './connections.ts';

export const CARD_PATH = '/.well-known/agent-card.json';

const CARD_BYTES_MAX = 1024 * 1024;
const QUOTE_MAX = 120;

export type CardAnswer =
  | { readonly got: 'card'; readonly card: Card; readonly url: string }
  /** Nobody listens. */
  | { readonly got: 'refusal'; readonly sentence: string }
  /** No answer in time: somebody is there perhaps. */
  | { readonly got: 'silence'; readonly sentence: string }
  /** Somebody answers, but with no card. Each sentence goes on after "it". */
  | { readonly got: 'other'; readonly sentence: string };

export interface FetchCardOptions {
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
  /** Not for an agent of our own: it could send us to a stranger. */
  readonly redirects: boolean;
  /** Asked before each request, also after each redirect; everybody may be asked unless given. */
  readonly mayAsk?: ((address: URL) => boolean) | undefined;
  readonly user_agent?: string | undefined;
}

/** As browsers have it. */
const REDIRECTS_MAX = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The way to the card leads to somebody who may not be asked. */
class NotToBeAsked extends Error {
  override name = 'NotToBeAsked';
}

export const quote = (text: string): string => {
  const plain = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return `“${plain.length > QUOTE_MAX ? `${plain.slice(0, QUOTE_MAX)}…` : plain}”`;
};

const REFUSED = new Set(['ECONNREFUSED']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN']);
const NAME = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL']);
const LATE = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const CUT = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNABORTED']);
const TLS = /CERT|SSL|TLS|SIGNATURE|^EPROTO$/;

/** From the error code of the system, of OpenSSL or of undici to the end of a sentence that begins with "it". */
export const whyNoAnswer = (code: string, message: string, host: string, timeout_ms: number): CardAnswer => {
  const other = (sentence: string): CardAnswer => ({ got: 'other', sentence });
  if (REFUSED.has(code)) return { got: 'refusal', sentence: 'refuses connections: nothing listens there' };
  if (UNREACHABLE.has(code)) return { got: 'refusal', sentence: `cannot be reached from here (${code})` };
  if (NAME.has(code)) return other(`cannot be found: the name "${host}" has no address (${code})`);
  if (LATE.has(code)) return { got: 'silence', sentence: `did not answer within ${timeout_ms} ms` };
  if (CUT.has(code)) return other(`closed the connection without an answer (${code})`);
  if (TLS.test(code))
    return other(
      `offers no TLS connection that can be trusted (${code}: ${quote(message)}). Check https or http, and the certificate; NODE_EXTRA_CA_CERTS names a file with a certificate authority of your own`,
    );
  return other(`did not answer as HTTP should (${[code, quote(message)].filter(Boolean).join(': ')})`);
};

const failureOf = (error: unknown): { readonly code: string; readonly message: string } => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : String(cause) };
};

interface Answered {
  readonly status: number;
  readonly status_text: string;
  readonly type: string;
  /** Where it came from in the end. */
  readonly url: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Undefined when there is more of it than a card may have. */
const readBody = async ({ body }: Answered): Promise<string | undefined> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > CARD_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
};

export const readCard = async (answered: Answered): Promise<CardAnswer> => {
  const { status, status_text, type, url } = answered;
  const text = await readBody(answered);
  const other = (sentence: string): CardAnswer => ({ got: 'other', sentence });
  if (text === undefined)
    return other(`answered with more than ${CARD_BYTES_MAX / 1024} KiB, too much for an agent card`);
  const quoted = text.trim() === '' ? 'an empty body' : quote(text);
  if (status !== 200) return other(`answered ${status} ${quote(status_text)} instead of an agent card: ${quoted}`);
  if (/html/i.test(type) || text.trimStart().startsWith('<'))
    return other(`answered HTML, not an agent card: ${quoted}`);
  try {
    const card: unknown = JSON.parse(text);
    if (isRecord(card) && typeof card.name === 'string' && card.name !== '') return { got: 'card', card, url };
    return other(`answered JSON that is no agent card, for it has no "name": ${quoted}`);
  } catch {
    return other(`answered something that is not JSON: ${quoted}`);
  }
};

/** A response as `fetch` gives it, be it undici's or the global one. */
type FetchedResponse = Pick<Response, 'status' | 'statusText' | 'url'> & {
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
};

type Ask = Pick<FetchCardOptions, 'mayAsk' | 'user_agent'>;

const NOTHING: AsyncIterable<Uint8Array> = (async function* () {})();

export const answeredBy = ({ status, statusText, headers, url, body }: FetchedResponse): Answered => ({
  status,
  status_text: statusText,
  type: headers.get('content-type') ?? '',
  url,
  body: body ?? NOTHING,
});

type Asking = AsyncDisposable & { ask(signal: AbortSignal): Promise<Answered> };

const headersOf = ({ user_agent = CARD_USER_AGENT }: Ask): Readonly<Record<string, string>> => ({
  accept: 'application/json',
  'user-agent': user_agent,
});

/** As a browser would: through redirects, and whatever the encoding. */
const overFetch = (url: string, connect: { readonly timeout: number }, ask: Ask): Asking => {
  const dispatcher = new Dispatcher({ connect });
  return {
    ask: async (signal) => {
      for (let asked = url, hops = 0; ; hops += 1) {
        const { host, href } = new URL(asked);
        if (ask.mayAsk?.(new URL(asked)) === false) throw new NotToBeAsked(host === '' ? quote(href) : host);
        const response = await fetch(asked, { dispatcher, signal, headers: headersOf(ask), redirect: 'manual' });
        const location = response.headers.get('location');
        if (!REDIRECTS.has(response.status) || location === null || hops === REDIRECTS_MAX) return answeredBy(response);
        await response.body?.cancel();
        asked = new URL(location, asked).href;
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
};

/** Why such a client ends. One for all: to make an error for each would cost as much as the request. */
const ANSWERED = new Error('The card was answered');

/** Half the cost, which tells where thousands of agents are started; and for an agent of our own, known as ours. */
const overClient = (url: string, connect: { readonly timeout: number }, ask: Ask): Asking => {
  const { origin, pathname, search, port } = new URL(url);
  const question = noteQuestion(Number(port));
  const connector = buildConnector(connect);
  const client = new Client(origin, {
    connect: (options, callback) =>
      connector(options, (...result) => {
        const [error, socket] = result;
        if (error === null && socket.localPort !== undefined) question.connectedFrom(socket.localPort);
        callback(...result);
      }),
  });
  return {
    ask: async (signal) => {
      const response = await client.request({
        method: 'GET',
        path: pathname + search,
        headers: headersOf(ask),
        signal,
      });
      const { statusCode: status, statusText: status_text, headers, body } = response;
      return { status, status_text, type: String(headers['content-type'] ?? ''), url, body };
    },
    [Symbol.asyncDispose]: async () => {
      await client.destroy(ANSWERED);
      question.over();
    },
  };
};

export const fetchCard = async (url: string, options: FetchCardOptions): Promise<CardAnswer> => {
  const { timeout_ms, signal, redirects } = options;
  signal.throwIfAborted();
  // A connection of its own each time: a kept one may belong to a process that is gone by now.
  await using asking = (redirects ? overFetch : overClient)(url, { timeout: timeout_ms }, options);
  // Not AbortSignal.any and .timeout: those would live on until the time is over, one of each for every agent.
  const givingUp = new AbortController();
  const giveUp = (): void => givingUp.abort();
  const timer = setTimeout(giveUp, Math.max(1, Math.ceil(timeout_ms)));
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await readCard(await asking.ask(givingUp.signal));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotToBeAsked)
      return { got: 'other', sentence: `sends whoever asks for it on to ${error.message}, which was not named` };
    const { code, message } = givingUp.signal.aborted ? { code: 'ETIMEDOUT', message: '' } : failureOf(error);
    return whyNoAnswer(code, message, new URL(url).hostname, Math.ceil(timeout_ms));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
};

/** For `Agent.probe`: whether the card still answers, under the name it had if one is given. */
export const probeCard = async (
  url: string,
  name: string | undefined,
  options: FetchCardOptions,
): Promise<{ readonly answers: boolean; readonly reason?: string }> => {
  const answer = await fetchCard(url, options);
  if (answer.got !== 'card') return { answers: false, reason: `it ${answer.sentence}` };
  if (name === undefined || answer.card.name === name) return { answers: true };
  return { answers: false, reason: `it now calls itself ${quote(String(answer.card.name))} instead of ${quote(name)}` };
};
