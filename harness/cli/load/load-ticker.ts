/**
 * What a load is doing, second by second, from the events of its history: a pure fold, so that the line on the terminal can be held
 * against numbers.
 */
import type { HistoryEvent } from '../../model/history.ts';
import { isProtocolOp, READING_BACK } from '../../model/op.ts';

export interface Tick {
  /** Since the load began. */
  readonly at_s: number;
  readonly visits: number;
  readonly requests: number;
  /** Of the ops that ended in this second; null where none did. */
  readonly p95_ms: number | null;
  readonly errors: number;
  readonly dropped: number;
  readonly open: number;
}

/** Each gives the second that is over, once a later one has begun. */
export interface Ticker {
  add(event: HistoryEvent): Tick | undefined;
  /** Of users who are not written down: an op that is over. */
  op(measured: { readonly due_ms: number; readonly ended_ms: number; readonly outcome: string }): Tick | undefined;
  visit(due_ms: number, came: boolean): Tick | undefined;
}

export function startTicker(): Ticker {
  const due = new Map<number, number>();
  let began_ms: number | undefined;
  let second = 0;
  let counts = { visits: 0, requests: 0, errors: 0, dropped: 0 };
  let times: number[] = [];

  const end = (at_s: number): Tick => {
    const tick = { at_s: second + 1, ...counts, p95_ms: percentile(times), open: due.size };
    second = at_s;
    counts = { visits: 0, requests: 0, errors: 0, dropped: 0 };
    times = [];
    return tick;
  };

  const reach = (time_ms: number): Tick | undefined => {
    began_ms ??= time_ms;
    const at_s = Math.floor((time_ms - began_ms) / 1000);
    return at_s > second ? end(at_s) : undefined;
  };
  const ended = (took_ms: number, outcome: string): void => {
    times.push(took_ms);
    if (outcome !== 'ok') counts.errors += 1;
  };

  return {
    add(event) {
      if (began_ms === undefined && event.type !== 'user') return undefined;
      const tick = reach(event.time_ms);
      if (event.type === 'user' && event.phase === 'arrived') counts.visits += 1;
      if (event.type === 'user' && event.phase === 'dropped') counts.dropped += 1;
      if (event.type === 'invoke' && isProtocolOp(event.op) && event.step !== READING_BACK) {
        counts.requests += 1;
        due.set(event.op_id, event.due_ms);
      }
      if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') {
        const due_ms = due.get(event.op_id);
        if (due.delete(event.op_id) && due_ms !== undefined) ended(event.time_ms - due_ms, event.type);
      }
      return tick;
    },
    op({ due_ms, ended_ms, outcome }) {
      const tick = reach(ended_ms);
      counts.requests += 1;
      ended(ended_ms - due_ms, outcome);
      return tick;
    },
    visit(due_ms, came) {
      const tick = reach(due_ms);
      counts[came ? 'visits' : 'dropped'] += 1;
      return tick;
    },
  };
}

/** The nearest rank; a second is no sample to say more of. */
function percentile(times: readonly number[]): number | null {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}

export function describeTick({ at_s, visits, requests, p95_ms, errors, dropped, open }: Tick, of_s: number): string {
  const p95 = p95_ms === null ? 'no answer' : `p95 ${p95_ms < 10 ? p95_ms.toFixed(1) : Math.round(p95_ms)} ms`;
  const words = [
    `${at_s}/${of_s} s`,
    `${visits} visits/s`,
    `${requests} requests/s`,
    p95,
    `${errors} errors`,
    ...(dropped > 0 ? [`${dropped} dropped`] : []),
    `${open} open`,
  ];
  return `  ${words.join(', ')}`;
}
