/**
 * The heads of HTTP/1.1 messages (RFC 9112): what a proxy must know of them to find where their bodies end, and what of a
 * request has to be said differently to the agent. Names keep their case, order and repetition, since a test of an agent
 * must not be the one that tidies up.
 */
import type { Framing } from './body.ts';
import type { RawHeaders } from './headers.ts';

export interface RequestHead {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The headers, a line each, as they came. */
  readonly lines: readonly string[];
  /** The whole head as it goes to the agent. */
  readonly forward: string;
  readonly framing: Framing;
  /** Its body comes only when it is asked for. */
  readonly expects: boolean;
  /** It speaks HTTP/1.0. */
  readonly isOld: boolean;
}

export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly lines: readonly string[];
  readonly framing: Framing;
  /** 1xx: the answer itself is still to come. */
  readonly isInterim: boolean;
  /** From here on both sides speak another protocol, or a proxied one. */
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

/** `text` is a head without the empty line at its end. Nothing where it is no request that can be followed. */
export function readRequest(text: string, host: string): RequestHead | undefined {
  const lines = text.split('\r\n');
  const start = lines.shift() ?? '';
  const [, method, path, version] = REQUEST_LINE.exec(start) ?? [];
  if (method === undefined || path === undefined) return undefined;
  let framing: Framing | undefined = NO_BODY;
  let expects = false;
  let forward = `${start}\r\n`;
  for (const line of lines) {
    const name = nameOf(line);
    if (name === 'content-length' && framing !== IN_CHUNKS) framing = counted(textOf(line), framing);
    else if (name === 'transfer-encoding') framing = CHUNKED.test(textOf(line)) ? IN_CHUNKS : undefined;
    else if (name === 'expect') expects = true;
    if (framing === undefined) return undefined;
    // The agent sees no difference from a client that calls it directly.
    if (name === 'host') forward += `${line.slice(0, 4)}: ${host}\r\n`;
    else if (name === 'connection') forward += connectionLine(line);
    // Events are counted and cards rewritten in the answers, which must therefore come uncompressed.
    else if (name !== 'accept-encoding' && name !== 'proxy-connection') forward += `${line}\r\n`;
  }
  forward += 'Accept-Encoding: identity\r\n\r\n';
  return { method, path, lines, forward: withoutNamed(forward, lines), framing, expects, isOld: version === '0' };
}

/** Whether its connection is to end with the answer. */
export function closesAfter({ lines, isOld }: RequestHead): boolean {
  const options = lines.filter((line) => nameOf(line) === 'connection').flatMap(optionsIn);
  return options.includes('close') || (isOld && !options.includes('keep-alive'));
}

/** `method` is the request's, for an answer to HEAD has no body whatever it says. */
export function readAnswer(text: string, method: string): AnswerHead | undefined {
  const lines = text.split('\r\n');
  const [, digits, reason = ''] = STATUS_LINE.exec(lines.shift() ?? '') ?? [];
  if (digits === undefined) return undefined;
  const status = Number(digits);
  let framing: Framing | undefined = TILL_CLOSE;
  let contentType = '';
  for (const line of lines) {
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
  return { status, reason, lines, framing: real, isInterim, isTunnel, contentType };
}

/** Name, value, name, value. */
export function pairsIn(lines: readonly string[]): RawHeaders {
  return lines.flatMap((line) => [line.slice(0, line.indexOf(':')), textOf(line)]);
}

/** The values of a header by its name in lower case, joined as if they stood in one line; nothing where there is none. */
export function headerIn(lines: readonly string[], name: string): string | undefined {
  const values = lines.filter((line) => nameOf(line) === name).map(textOf);
  return values.length === 0 ? undefined : values.join(', ');
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

/** What belongs to this connection alone is left to it (RFC 9110 §7.6.1), and with it the option that says so. */
function connectionLine(line: string): string {
  const kept = optionsIn(line).filter((option) => PLAIN_OPTIONS.has(option));
  if (kept.length === optionsIn(line).length) return `${line}\r\n`;
  return kept.length === 0 ? '' : `Connection: ${kept.join(', ')}\r\n`;
}

function withoutNamed(forward: string, lines: readonly string[]): string {
  const named = lines
    .filter((line) => nameOf(line) === 'connection')
    .flatMap(optionsIn)
    .filter((option) => !PLAIN_OPTIONS.has(option));
  if (named.length === 0) return forward;
  const [start = '', ...others] = forward.split('\r\n');
  return [start, ...others.filter((line) => !named.includes(nameOf(line)))].join('\r\n');
}
