/**
 * No user starves: where users ask the same of the same agent at the same time, none waits while others are served again and
 * again. They are compared with each other within one window of time, so that it does not matter how fast the machine or the
 * agent is. How fair is fair enough is policy.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { startFindings } from './parts/findings.ts';
import { isReadBack, isSend, SENDS, usersHaveLeft } from './parts/reading.ts';

/** Fewer users, or fewer asks of who was done first, say nothing. */
const USERS_MIN = 4;
const ASKS_MIN = 8;
const ANSWERS_MIN = 3;
const ASKS_MAX = 20_000;
/** What no clock tells apart. */
const WAITED_MS_MIN = 0.1;

interface Ask {
  readonly invoke: InvokeEvent;
  answer: KeptEvent | undefined;
}

interface Share {
  readonly user: string;
  readonly answers: number;
  /** All his waits together; of one that lasts, as long as it has lasted. */
  readonly waited_ms: number;
  readonly longest: Ask;
}

export const fair: Check = {
  name: 'fair',
  title: 'Users who ask alike at the same time are served alike: none starves',
  section: 'policy',
  memory: 'Two events for each of the first 20,000 messages.',
  judges: 'agent',
  reads: ['fault', 'scenario', 'invoke', 'ok', 'fail', 'info'],
  ops: SENDS,
  start: ({ plan, scene: { ops } }) => {
    const findings = startFindings();
    /** By agent and by what is asked. */
    const alike = new Map<string, Ask[]>();
    const open = ops.perOp<{ readonly ask: Ask; readonly asks: Ask[] }>();
    let taken = 0;
    let hasFaults = false;
    let haveLeft = false;

    const onInvoke = (invoke: InvokeEvent): void => {
      if (!isSend(invoke.op) || isReadBack(invoke) || invoke.op.taskId !== undefined || taken >= ASKS_MAX) return;
      const key = kindOf(invoke);
      const asks = alike.get(key) ?? [];
      const ask: Ask = { invoke, answer: undefined };
      alike.set(key, asks);
      asks.push(ask);
      open.set(invoke, { ask, asks });
      taken += 1;
    };

    const onEnd = (event: HistoryEvent, invoke: InvokeEvent): void => {
      const entry = open.get(invoke);
      if (entry === undefined) return;
      if (event.type === 'ok' && event.value?.ended !== 'by-reader') entry.ask.answer = keep(event);
      // Who was refused, or did not wait for the end, was neither served nor kept waiting; who was given up had waited.
      else if (event.type !== 'info' || event.error?.code !== 'timeout')
        entry.asks.splice(entry.asks.lastIndexOf(entry.ask), 1);
    };

    return {
      add(event, invoke) {
        if (event.type === 'fault') hasFaults = true;
        haveLeft ||= usersHaveLeft(event);
        if (event.type === 'invoke') onInvoke(event);
        else if (invoke !== undefined && event.type !== 'event') onEnd(event, invoke);
      },
      close() {
        if (hasFaults)
          return { evidence: 0, findings: [], note: 'Not judged: faults hurt some users more than others.' };
        if (!haveLeft) return { evidence: 0, findings: [], note: 'Not judged: some users had not left.' };
        const notes: string[] = [];
        let evidence = 0;
        for (const asks of alike.values()) {
          const shares = sharesOf(asks);
          const [first] = asks;
          if (shares.length < USERS_MIN || first === undefined) continue;
          evidence += shares.length;
          const index = jain(shares.map(served));
          notes.push(
            `Of ${shares.length} users who asked alike Jain's index is ${told(index)} over answers for the time that each waited, and ${told(jain(shares.map(({ answers }) => answers)))} over answers alone.`,
          );
          if (index < plan.policy.fair_index_min) findings.report(exampleOf(shares, index, plan.policy.fair_index_min));
        }
        return { evidence, findings: findings.list(), ...(notes.length > 0 && { note: notes.slice(0, 3).join(' ') }) };
      },
    };
  },
};

const told = (index: number): string => index.toFixed(2);

/** Words that differ in nothing but their token are the same. */
function kindOf({ op }: InvokeEvent): string {
  if (!isSend(op)) return '';
  return JSON.stringify([op.agent, op.op, op.behaviour, String(op.text).replaceAll(op.token, '')]);
}

/** Within the time in which all of them ask: from when the last one has begun until the first device has all its answers. */
function sharesOf(asks: readonly Ask[]): readonly Share[] {
  const byUser = Map.groupBy(asks, ({ invoke }) => invoke.user);
  const byDevice = Map.groupBy(asks, ({ invoke: { user, device } }) => JSON.stringify([user, device]));
  const begin_ms = Math.max(...[...byUser.values()].map((own) => own[0]?.invoke.time_ms ?? 0));
  const ends = [...byDevice.values()]
    .filter((own) => own.length >= ASKS_MIN && own.every(({ answer }) => answer !== undefined))
    .map((own) => own.at(-1)?.answer?.time_ms ?? Number.POSITIVE_INFINITY);
  const end_ms = Math.min(...ends);
  if (!Number.isFinite(end_ms)) return [];
  return [...byUser].flatMap(([user, own]) => shareOf(user, own, begin_ms, end_ms) ?? []);
}

function shareOf(user: string, own: readonly Ask[], begin_ms: number, end_ms: number): Share | undefined {
  const within = own.filter(
    ({ invoke, answer }) => invoke.time_ms < end_ms && (answer === undefined || answer.time_ms > begin_ms),
  );
  const waitOf = ({ invoke, answer }: Ask): number =>
    Math.max(WAITED_MS_MIN, Math.min(answer?.time_ms ?? end_ms, end_ms) - Math.max(invoke.time_ms, begin_ms));
  const answers = within.filter(({ answer }) => answer !== undefined && answer.time_ms <= end_ms).length;
  const waited_ms = within.reduce((sum, ask) => sum + waitOf(ask), 0);
  const longest = within.toSorted((a, b) => waitOf(b) - waitOf(a))[0];
  const hasAsked = answers >= ANSWERS_MIN || waited_ms >= (end_ms - begin_ms) / 2;
  return longest !== undefined && hasAsked ? { user, answers, waited_ms, longest } : undefined;
}

const served = ({ answers, waited_ms }: Share): number => answers / waited_ms;

/** Jain, Chiu, Hawe 1984: 1 where all have the same, 1/n where one of n has all. */
function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}

function exampleOf(shares: readonly Share[], index: number, fair_index_min: number) {
  const sorted = shares.toSorted((a, b) => served(b) - served(a));
  const [best, worst] = [sorted[0], sorted.at(-1)];
  const told_ms = (share: Share | undefined): string => `${Math.round(share?.waited_ms ?? 0)} ms`;
  const op = worst?.longest.invoke.op;
  return {
    kind: 'user-starves',
    message: 'Users starved while others who asked the same were served again and again',
    expected: `Of users who ask the same at the same time each is served about as fast: Jain's index is at least ${fair_index_min}.`,
    seen: `Over ${shares.length} users it was ${told(index)}: ${best?.user} had ${best?.answers} answers for ${told_ms(best)} of waiting, and ${worst?.user} had ${worst?.answers} for ${told_ms(worst)}.`,
    users: sorted.slice(-3).map(({ user }) => user),
    tasks: [],
    shape: op !== undefined && isSend(op) ? `${op.op} ${op.behaviour}` : 'send',
    evidence: [best?.longest.invoke, best?.longest.answer, worst?.longest.answer, worst?.longest.invoke],
  };
}
