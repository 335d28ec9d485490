/**
 * What is wrong with one answer to a bad request, if anything. The specification's own words come first; where it leaves the error
 * open, any answer will do that a program can read.
 */
import type { Transport } from '../../model/a2a.ts';
import type { HostileRow, RawAnswer } from '../../model/hostile.ts';
import { clip } from './reading.ts';
import { traceIn } from './traces.ts';

export interface Wrong {
  readonly kind: string;
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
  /** In words that are the same in every run. */
  readonly shape: string;
}

/** Statuses of a guard, of an agent that is busy and of one behind something that is: they say nothing of the request. */
const DOOR: Readonly<Record<'http' | 'grpc', ReadonlySet<number>>> = {
  http: new Set([401, 403, 407, 429, 502, 503, 504]),
  grpc: new Set([7, 8, 14, 16]),
};
/** Too large: a proxy in front says so with a page of its own. */
const TOO_LARGE = new Set([413, 414, 431]);

/** `at-the-door`: nobody has looked at the request, so the answer says nothing of it. */
export function wrongIn(row: HostileRow, answer: RawAnswer, transport: Transport): Wrong | 'at-the-door' | undefined {
  const { status, refusal, result } = answer;
  const trace = traceIn(answer.head);
  if (trace !== undefined) return gaveTrace(row, answer, trace);
  if (DOOR[transport === 'grpc' ? 'grpc' : 'http'].has(status)) return 'at-the-door';
  const demands = row.demands[transport];
  const isProper = refusal !== undefined || result === true || (answer.goes_on === true && status < 400);
  const isOutside = TOO_LARGE.has(status) || (row.noSuchUrl === true && transport === 'rest' && status >= 400);
  if (transport !== 'grpc' && !isOutside) {
    if (isPage(answer)) return gavePage(row, answer);
    if (!isProper && (status < 400 || demands !== undefined)) return saidNothing(row, answer, transport);
  }
  if (demands === undefined || !isProper) return undefined;
  if (refusal === undefined) return row.lenient ? undefined : tookAsGood(row, transport);
  return demands.includes(refusal) ? undefined : wrongError(row, refusal, transport, answer);
}

const isPage = ({ content_type, head }: RawAnswer): boolean =>
  /^(text\/html|application\/xhtml)/i.test(content_type) || /^\s*<(!doctype html|html)\b/i.test(head);

const shown = ({ head }: RawAnswer): string => clip(head.replaceAll(/\s+/g, ' ').trim(), 160);

const demanded = ({ sends, error, section, demands }: HostileRow, transport: Transport): string =>
  error === undefined || demands[transport] === undefined
    ? `Who sends ${sends} gets an error in the protocol's own words, or what was asked for (${section}).`
    : `Who sends ${sends} gets ${error} (${section})${NUMBERS[transport](demands[transport] ?? [])}.`;

const NUMBERS: Readonly<Record<Transport, (numbers: readonly number[]) => string>> = {
  jsonrpc: (codes) => `: code ${codes.join(' or ')}`,
  rest: (statuses) => (statuses.length > 3 ? ': a status of 400 to 499' : `: status ${statuses.join(' or ')}`),
  grpc: (statuses) => `: status ${statuses.join(' or ')}`,
};

const saying = (transport: Transport, refusal: number): string =>
  transport === 'jsonrpc' ? `code ${refusal}` : `status ${refusal}`;

function wrongError(row: HostileRow, refusal: number, transport: Transport, answer: RawAnswer): Wrong {
  return {
    kind: `wrong-error-${row.request}`,
    message: `A bad request, ${row.request}, was refused with an error that means something else`,
    expected: demanded(row, transport),
    seen: `${row.request} was refused with ${saying(transport, refusal)}: "${shown(answer)}".`,
    shape: `refusal ${refusal}`,
  };
}

function tookAsGood(row: HostileRow, transport: Transport): Wrong {
  return {
    kind: `taken-as-good-${row.request}`,
    message: `A bad request, ${row.request}, was answered as if all were well`,
    expected: demanded(row, transport),
    seen: `${row.request} was answered with a result.`,
    shape: 'result',
  };
}

function gavePage(row: HostileRow, answer: RawAnswer): Wrong {
  return {
    kind: `html-page-${row.request}`,
    message: `A bad request, ${row.request}, was answered with a web page`,
    expected: `Whoever sends ${row.sends}, a program reads the answer: an error has a code and a message in the protocol's own words (§3.3.2).`,
    seen: `${row.request} was answered with HTTP status ${answer.status} and a page: "${shown(answer)}".`,
    shape: `status ${answer.status}`,
  };
}

function saidNothing(row: HostileRow, answer: RawAnswer, transport: Transport): Wrong {
  const what = answer.head.trim() === '' ? 'nothing in it' : `"${shown(answer)}"`;
  return {
    kind: `no-protocol-error-${row.request}`,
    message: `A bad request, ${row.request}, was answered with what is neither an error of the protocol nor a result`,
    expected: demanded(row, transport),
    seen: `${row.request} was answered with HTTP status ${answer.status} and ${what}.`,
    shape: `status ${answer.status}`,
  };
}

function gaveTrace(row: HostileRow, answer: RawAnswer, trace: string): Wrong {
  return {
    kind: `stack-trace-${row.request}`,
    message: `A bad request, ${row.request}, was answered with a stack trace`,
    expected: `Who sends ${row.sends} learns what was wrong with it, and nothing of the agent's inside (§3.3.2).`,
    seen: `${row.request} was answered with status ${answer.status} and a stack trace: "${clip(trace, 120)}".`,
    shape: `status ${answer.status}`,
  };
}

/** For one that was never answered; nothing where that is nobody's fault. */
export function silence(row: HostileRow, code: string): Wrong | undefined {
  if (code === 'aborted' || code === 'no-socket' || (code === 'connection-lost' && row.mayHangUp)) return undefined;
  const isLost = code === 'connection-lost';
  return {
    kind: `${isLost ? 'hung-up' : 'no-answer'}-${row.request}`,
    message: isLost
      ? `An agent hung up on a bad request, ${row.request}`
      : `A bad request, ${row.request}, was never answered`,
    expected: `Who sends ${row.sends} gets an answer: servers must return appropriate errors (§3.3.2).`,
    seen: isLost
      ? `The connection was closed before ${row.request} was answered.`
      : `There was no answer to ${row.request}.`,
    shape: clip(code, 40),
  };
}
