/**
 * The same request in the same situation, over several transports: granted over all or refused over all, with the same error
 * (§5.1, §5.4). Situations are such that the answer is no matter of time: an id that never was, a task of one's own that is
 * over, or no task at all. Memory: six events per user, request and transport, for the latest 10,000 of them.
 */
import type { Transport } from '../../model/a2a.ts';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { type KeptEvent, keep } from '../../model/kept.ts';
import { isProtocolOp } from '../../model/op.ts';
import type { Example } from './findings.ts';
import { startLatest } from './latest.ts';
import { clip, isSend, taskIdOf } from './reading.ts';

export type Situation = 'no task' | 'a task that never was' | 'an own task that is over';

interface Answered {
  readonly invoke: InvokeEvent;
  readonly event: KeptEvent;
  readonly answer: string;
}

/** What one user was answered over each transport, the first times that he asked. */
interface Asked {
  readonly operation: string;
  readonly situation: Situation;
  readonly over: Map<Transport, { count: number; readonly answers: Map<string, Answered> }>;
}

export interface AgreeingAnswers {
  add(event: HistoryEvent, invoke: InvokeEvent, situation: Situation, transport: Transport): void;
  /** Holds them against each other, and gives how many were. */
  close(isStill: (situation: Situation, taskId: string | undefined, invoke: InvokeEvent) => boolean): number;
}

/** Fewer may be chance; more would let a later answer take back what an earlier part of the history has shown. */
const SAMPLES = 3;

export function startAgreeingAnswers(report: (example: Example) => void): AgreeingAnswers {
  const asked = startLatest<Asked>();
  return {
    add(event, invoke, situation, transport) {
      const answer = answerOf(event);
      if (answer === undefined || !isProtocolOp(invoke.op)) return;
      const { op } = invoke;
      const how = isSend(op) ? [op.behaviour, op.returnImmediately === true] : [];
      const key = JSON.stringify([invoke.user, op.agent, op.op, situation, ...how]);
      const one: Asked = asked.get(key) ?? { operation: op.op, situation, over: new Map() };
      const told = one.over.get(transport) ?? { count: 0, answers: new Map() };
      if (told.count === SAMPLES) return;
      told.count += 1;
      if (!told.answers.has(answer)) told.answers.set(answer, { invoke, event: keep(event), answer });
      one.over.set(transport, told);
      asked.set(key, one);
    },
    close(isStill) {
      let compared = 0;
      for (const { operation, situation, over } of asked.values()) {
        const told = [...over].filter(([, { count }]) => count === SAMPLES);
        for (const [at, [a, ofA]] of told.entries()) {
          for (const [b, ofB] of told.slice(at + 1)) {
            const [one, other] = [[...ofA.answers.values()], [...ofB.answers.values()]];
            if (![...one, ...other].every(({ invoke }) => isStill(situation, taskIdOf(invoke.op), invoke))) continue;
            compared += 1;
            if (one.some((x) => other.some((y) => mean(x.answer, y.answer)))) continue;
            const [first, second] = [one[0], other[0]];
            if (first && second) report(exampleOf(operation, situation, [a, first], [b, second]));
          }
        }
      }
      return compared;
    },
  };
}

/** Statuses that say that the agent is busy or behind something that is, whoever asks for what. */
const BUSY = new Set(['http-429', 'http-502', 'http-503', 'http-504']);

function answerOf(event: HistoryEvent): string | undefined {
  if (event.type === 'ok') return 'ok';
  if (event.type !== 'fail') return undefined;
  const { code } = event.error;
  return BUSY.has(code) || !/Error$|^http-/.test(code) ? undefined : code;
}

/** JSON-RPC has names of its own for what the other two tell by a status: both say "not here", or both "not like that". */
const SAME: readonly ReadonlySet<string>[] = [
  new Set(['MethodNotFoundError', 'UnsupportedOperationError']),
  new Set(['JSONParseError', 'InvalidRequestError', 'InvalidParamsError']),
];

/** A status without a name may stand for every error that has this status in some version of the specification. */
const STATUSES: Readonly<Record<string, readonly number[]>> = {
  TaskNotFoundError: [404],
  TaskNotCancelableError: [400, 409],
  PushNotificationNotSupportedError: [400, 501],
  UnsupportedOperationError: [400, 405, 501],
  ContentTypeNotSupportedError: [400, 415],
  InvalidAgentResponseError: [500, 502],
  MethodNotFoundError: [404, 405, 501],
  JSONParseError: [400],
  InvalidRequestError: [400, 422],
  InvalidParamsError: [400, 422],
  InternalError: [500],
};

function mean(a: string, b: string): boolean {
  if (a === b || SAME.some((names) => names.has(a) && names.has(b))) return true;
  if (a === 'ok' || b === 'ok') return false;
  const [, status] = /^http-(\d+)$/.exec(a) ?? /^http-(\d+)$/.exec(b) ?? [];
  const name = a.startsWith('http-') ? b : a;
  // An error of the agent's own: nobody knows how it is told elsewhere.
  return status !== undefined && (STATUSES[name]?.includes(Number(status)) ?? !name.startsWith('http-'));
}

function exampleOf(
  operation: string,
  situation: Situation,
  [a, one]: readonly [Transport, Answered],
  [b, other]: readonly [Transport, Answered],
): Example {
  const isGranted = one.answer === 'ok' || other.answer === 'ok';
  const target = situation === 'no task' ? '' : ` on ${situation}`;
  return {
    kind: isGranted ? 'granted-and-refused' : 'errors-differ',
    message: isGranted
      ? `${operation} works over one transport and is refused over another`
      : `${operation} is refused with another error over another transport`,
    expected: `${operation}${target} is answered alike over ${a} and ${b}.`,
    seen: `Over ${a} it was answered with ${clip(one.answer)}, over ${b} with ${clip(other.answer)}.`,
    users: [one.invoke.user],
    tasks: [one, other].flatMap(({ invoke }) => taskIdOf(invoke.op) ?? []),
    // Which of the two was asked first is a matter of luck.
    shape: `${operation}${target}: ${[one.answer, other.answer].sort().join(' and ')}`,
    evidence: [one.invoke, one.event, other.invoke, other.event].sort((x, y) => x.seq - y.seq),
  };
}
