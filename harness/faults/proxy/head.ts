/**
 * The heads of HTTP/1.1 messages (RFC 9112): what a proxy must know of them to find where their bodies end, and what of a
 * request has to be said differently to the agent. Names keep their case, order and repetition, since a test of an agent
 * must not be the one that tidies up.
 */
import type { Framing } from './body.ts';
import type { RawHeaders } from './headers.ts';

export interface RequestHead {
  /** As it came, without the empty line at its end. */
  readonly text: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The whole head as it goes to the agent. */
  readonly forward: Buffer;
  readonly framing: Framing;
  /** Its body comes only when it is asked for. */
  readonly expects: boolean;
  /** It speaks HTTP/1.0. */
  readonly isOld: boolean;
}

export interface AnswerHead {
  readonly text: string;
  readonly status: number;
  readonly reason: string;
  readonly framing: Framing;
  /** 1xx: the answer itself is still to come. */
  readonly isInterim: boolean;
  /** From here on both sides speak another protocol. */
  readonly isTunnel: boolean;
  readonly contentType: string;
}

const REQUEST_LINE = /^([!#$%&'*+.^`|~\w-]+) (\S+) HTTP\/1\.([01])$/;
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: (.*))?$/s;
const CHUNKED = /(?:^|,)\s*chunked\s*$/i;
const NO_BODY: Framing = { kind: 'none' };
const TILL_CLOSE: Framing = { kind: 'close' };
const IN_CHUNKS: Framing = { kind: 'chunked' };
/** Options of `Connection` that name no header that would have to stay behind. */
const PLAIN_OPTIONS = new Set(['keep-alive', 'close', 'upgrade', 'te', '']);
const KEEPS_OR_CLOSES = /^connection: (?:keep-alive|close)$/i;
const NO_OPTIONS: readonly string[] = [];
const LINE_END = '\r\n';

/** `text` is a head without the empty line at its end. Nothing where it is no request that can be followed. */
export function readRequest(text: string, host: string): RequestHead | undefined {
  const first = endOfLine(text, 0);
  const [, method, path, version] = REQUEST_LINE.exec(text.slice(0, first)) ?? [];
  if (method === undefined || path === undefined) return undefined;
  let framing: Framing | undefined = NO_BODY;
  let expects = false;
  let forward = '';
  /** All before it has been taken over. */
  let from = 0;
  let named = NO_OPTIONS;
  for (let at = first + 2, end = at; at < text.length; at = end + 2) {
    end = endOfLine(text, at);
    if (!mayMatter(text.charCodeAt(at))) continue;
    const line = text.slice(at, end);
    const name = nameOf(line);
    if (name === 'content-length' && framing !== IN_CHUNKS) framing = counted(textOf(line), framing);
    else if (name === 'transfer-encoding') framing = CHUNKED.test(textOf(line)) ? IN_CHUNKS : undefined;
    else if (name === 'expect') expects = true;
    else if (name === 'connection') named = named.concat(namedIn(line));
    if (framing === undefined) return undefined;
    // The agent sees no difference from a client that calls it directly.
    const isHost = name === 'host';
    // Events are counted and cards rewritten in the answers, which must therefore come uncompressed.
    if (!isHost && name !== 'accept-encoding' && name !== 'proxy-connection') continue;
    forward += text.slice(from, at);
    if (isHost) forward += `${line.slice(0, 4)}: ${host}${LINE_END}`;
    from = end + 2;
  }
  forward += text.slice(from);
  const closing = forward.endsWith(LINE_END) ? '' : LINE_END;
  const all = `${forward}${closing}Accept-Encoding: identity${LINE_END}${LINE_END}`;
  const bytes = Buffer.from(without(all, named), 'latin1');
  return { text, method, path, forward: bytes, framing, expects, isOld: version === '0' };
}

/** Whether its connection is to end with the answer. */
export function closesAfter({ text, isOld }: RequestHead): boolean {
  const options = linesOf(text)
    .filter((line) => nameOf(line) === 'connection')
    .flatMap(optionsIn);
  return options.includes('close') || (isOld && !options.includes('keep-alive'));
}

/** `method` is the request's, for an answer to HEAD has no body whatever it says. */
export function readAnswer(text: string, method: string): AnswerHead | undefined {
  const first = endOfLine(text, 0);
  const [, digits, reason = ''] = STATUS_LINE.exec(text.slice(0, first)) ?? [];
  if (digits === undefined) return undefined;
  const status = Number(digits);
  let framing: Framing | undefined = TILL_CLOSE;
  let contentType = '';
  for (let at = first + 2, end = at; at < text.length; at = end + 2) {
    end = endOfLine(text, at);
    if (!mayMatter(text.charCodeAt(at))) continue;
    const line = text.slice(at, end);
    const name = nameOf(line);
    if (name === 'content-type') contentType = textOf(line);
    else if (name === 'content-length' && framing !== IN_CHUNKS) framing = counted(textOf(line), framing);
    else if (name === 'transfer-encoding') framing = CHUNKED.test(textOf(line)) ? IN_CHUNKS : TILL_CLOSE;
    if (framing === undefined) return undefined;
  }
  const isTunnel = status === 101 || (method === 'CONNECT' && status >= 200 && status < 300);
  const isInterim = status < 200 && !isTunnel;
  const hasNoBody = method === 'HEAD' || isInterim || status === 204 || status === 304;
  const real = isTunnel ? TILL_CLOSE : hasNoBody ? NO_BODY : framing;
  return { text, status, reason, framing: real, isInterim, isTunnel, contentType };
}

/** For one connection: who keeps it says the same again and again, and what was read once need not be read anew. */
export function openHeads(host: string) {
  let request: RequestHead | undefined;
  let answer: AnswerHead | undefined;
  let answerTo = '';
  return {
    request(text: string): RequestHead | undefined {
      if (request?.text !== text) request = readRequest(text, host);
      return request;
    },
    answer(text: string, method: string): AnswerHead | undefined {
      if (answer?.text !== text || answerTo !== method) answer = readAnswer(text, method);
      answerTo = method;
      return answer;
    },
  };
}

/** Name, value, name, value. */
export function headersIn({ text }: AnswerHead): RawHeaders {
  return linesOf(text).flatMap((line) => [line.slice(0, line.indexOf(':')), textOf(line)]);
}

/** The values of a header by its name in lower case, joined as if they stood in one line; nothing where there is none. */
export function headerIn({ text }: RequestHead, name: string): string | undefined {
  const values = linesOf(text)
    .filter((line) => nameOf(line) === name)
    .map(textOf);
  return values.length === 0 ? undefined : values.join(', ');
}

function linesOf(text: string): readonly string[] {
  return text.split(LINE_END).slice(1);
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf(LINE_END, from);
  return found === -1 ? text.length : found;
}

/** Most lines of a head are told by their first letter to be nobody's business: A, C, E, H, P and T are looked at. */
function mayMatter(code: number): boolean {
  const letter = code | 0x20;
  return letter === 97 || letter === 99 || letter === 101 || letter === 104 || letter === 112 || letter === 116;
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}

function textOf(line: string): string {
  return line.slice(line.indexOf(':') + 1).trim();
}

/** Nothing where it is no length, or another one than was said before. */
function counted(value: string, before: Framing): Framing | undefined {
  const bytes = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(bytes) || (before.kind === 'counted' && before.bytes !== bytes)) return undefined;
  return { kind: 'counted', bytes };
}

function optionsIn(line: string): string[] {
  return textOf(line)
    .split(',')
    .map((option) => option.trim().toLowerCase());
}

function namedIn(line: string): readonly string[] {
  if (KEEPS_OR_CLOSES.test(line)) return NO_OPTIONS;
  return optionsIn(line).filter((option) => !PLAIN_OPTIONS.has(option));
}

/** What belongs to this connection alone is left to it (RFC 9110 §7.6.1), and with it the options that say so. */
function without(head: string, named: readonly string[]): string {
  if (named.length === 0) return head;
  const [start = '', ...lines] = head.split(LINE_END);
  const kept = lines.flatMap((line) => {
    if (named.includes(nameOf(line))) return [];
    if (nameOf(line) !== 'connection') return [line];
    const options = optionsIn(line).filter((option) => option !== '' && PLAIN_OPTIONS.has(option));
    return options.length === 0 ? [] : [`Connection: ${options.join(', ')}`];
  });
  return [start, ...kept].join(LINE_END);
}
