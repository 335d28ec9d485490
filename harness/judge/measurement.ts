/**
 * The adders: every number of a scenario comes in through one of these, whether it was read from a history, told by an engine
 * that writes none, or sampled by k6. What is told one by one, such as the events of a stream, is not told again with its op.
 */
import type { Measurement, TerminalMeasure } from '../model/measurement.ts';
import { addLatency } from './latency.ts';
import { type LoadMetrics, stageAt } from './load-metrics.ts';
import type { Metrics } from './metrics.ts';
import { addOfStream, addToSeries, type Counted } from './series.ts';
import { addOutcome, addTo, hasLatency, isAnswer, startTally, type Tally } from './tally.ts';

export type { Measurement, TerminalMeasure } from '../model/measurement.ts';

/** What came before an event of a stream: nothing, so it is timed from when its op was due, or another event. */
export type AfterWhat = { readonly due_ms: number } | { readonly last_ms: number };

/** States of a task that is over and did not do what was asked. */
const IN_VAIN: ReadonlySet<string> = new Set(['TASK_STATE_FAILED', 'TASK_STATE_REJECTED']);

export const isInVain = (state: string | undefined): boolean => state !== undefined && IN_VAIN.has(state);

/** From here on times are told from when the load began. */
export function beginLoad({ load }: Metrics, at_ms: number): void {
  if (load !== null) load.began_ms = Math.min(load.began_ms, at_ms);
}

/** Nobody comes any more; `early`: the load was stopped before its time. */
export function endLoad({ load }: Metrics, at_ms: number, early: boolean): void {
  if (load === null) return;
  load.ran_ms = Math.max(load.ran_ms, Math.min(load.rules.for_ms, early ? afterBegin(load, at_ms) : Infinity));
}

/** While a load warms up nothing is measured. */
export function isDiscarded({ load }: Metrics, due_ms: number): boolean {
  return load !== null && load.rules.discard_ms !== undefined && due_ms - load.began_ms < load.rules.discard_ms;
}

/** A user was due, and came or was dropped; `user` is his position among all identities. */
export function addVisit(metrics: Metrics, due_ms: number, came: boolean, user: number): void {
  const { load } = metrics;
  if (load !== null && load.began_ms > due_ms) load.began_ms = due_ms;
  if (isDiscarded(metrics, due_ms)) return;
  if (!came) metrics.dropped += 1;
  if (load === null) return;
  const after_ms = afterBegin(load, due_ms);
  const stage = stageAt(load, after_ms);
  load.ran_ms = Math.max(load.ran_ms, Math.min(load.rules.for_ms, after_ms));
  for (const what of ['due', came ? 'sent' : 'dropped'] as const) {
    load[what] += 1;
    if (stage !== undefined) stage[what] += 1;
    addToSeries(load.seconds, after_ms, what);
  }
  if (!came) addAsked(load, user, false);
}

/** An op that is over. */
export function addMeasurement(metrics: Metrics, measurement: Measurement): void {
  const { op, user, due_ms, sent_ms, ended_ms, outcome, events_ms, terminal } = measurement;
  if (isDiscarded(metrics, due_ms)) return;
  const tally = tallyOf(metrics, op);
  addOutcome(tally, measurement);
  const latency_ms = hasLatency(measurement) ? ended_ms - due_ms : undefined;
  addToSeries(metrics.series, ended_ms, outcome, latency_ms);
  if (metrics.load !== null) addToLoad(metrics.load, tally, measurement, latency_ms, user);
  events_ms?.forEach((at_ms, place) => {
    addStreamEvent(metrics, op, at_ms, place === 0 ? { due_ms } : { last_ms: events_ms[place - 1] ?? sent_ms });
  });
  // Who was given up in the middle of a stream had waited for its next event.
  const last_ms = measurement.last_event_ms ?? events_ms?.at(-1);
  if (outcome === 'info' && last_ms !== undefined) {
    addGap(metrics, tally, ended_ms - last_ms);
    addToSecond(metrics, ended_ms, 'gap', ended_ms - last_ms);
  }
  if (terminal !== undefined) addTerminal(metrics, terminal);
}

/** An event of a stream. */
export function addStreamEvent(metrics: Metrics, op: string, at_ms: number, after: AfterWhat): void {
  const tally = tallyOf(metrics, op);
  tally.events += 1;
  if ('due_ms' in after) {
    addLatency(tally.first_event, at_ms - after.due_ms);
    addToSecond(metrics, at_ms, 'first_event', at_ms - after.due_ms);
  } else {
    addGap(metrics, tally, at_ms - after.last_ms);
    addToSecond(metrics, at_ms, 'gap', at_ms - after.last_ms);
  }
  countInLoad(metrics, at_ms, 'events');
}

export function addTerminal(metrics: Metrics, { began_by, state, took_ms }: TerminalMeasure): void {
  const tally = tallyOf(metrics, began_by);
  addLatency(tally.terminal, took_ms);
  addTo(tally.ended, state);
}

/** Outcomes alone. */
export function addCount(
  metrics: Metrics,
  op: string,
  outcome: Measurement['outcome'],
  count: number,
  error?: string,
): void {
  const tally = tallyOf(metrics, op);
  tally[outcome] += count;
  if (error !== undefined) addTo(tally.errors, error, count);
}

/** What went over connections since it was told last. */
export function addTraffic(
  { load }: Metrics,
  { connections, bytes_in, bytes_out }: Pick<LoadMetrics, 'connections' | 'bytes_in' | 'bytes_out'>,
): void {
  if (load === null) return;
  load.connections += connections;
  load.bytes_in += bytes_in;
  load.bytes_out += bytes_out;
}

export function tallyOf(metrics: Metrics, op: string): Tally {
  const known = metrics.tallies.get(op);
  if (known !== undefined) return known;
  const tally = startTally();
  metrics.tallies.set(op, tally);
  return tally;
}

function addToLoad(
  load: LoadMetrics,
  tally: Tally,
  measurement: Measurement,
  latency_ms: number | undefined,
  user: number,
): void {
  const { due_ms, sent_ms, ended_ms, outcome, error } = measurement;
  if (load.began_ms > due_ms) load.began_ms = due_ms;
  const stage = stageAt(load, afterBegin(load, due_ms));
  const at_ms = afterBegin(load, ended_ms);
  addLatency(load.lag, sent_ms - due_ms);
  addToSeries(load.seconds, at_ms, outcome, latency_ms);
  if (sent_ms - due_ms > load.rules.lag_ms_max) addToSeries(load.seconds, afterBegin(load, sent_ms), 'late');
  if (stage !== undefined && latency_ms !== undefined) addLatency(stage.from_due, latency_ms);
  if (error !== undefined && !isAnswer(error)) {
    addToSeries(load.seconds, at_ms, 'unanswered');
    if (stage !== undefined) stage.errors += 1;
  }
  // What was left in the middle, or was never asked, could not have been a good answer.
  if (measurement.left === true || error === 'not-in-protocol') return;
  const good = isGood(load, measurement);
  tally.asked += 1;
  if (good) tally.good += 1;
  if (stage !== undefined) stage.asked += 1;
  if (good && stage !== undefined) stage.good += 1;
  addAsked(load, user, good);
  if (good) addToSeries(load.seconds, at_ms, 'good');
}

/** Whole, in time, and of no task that failed. */
function isGood({ rules }: LoadMetrics, { outcome, due_ms, ended_ms, terminal, in_vain }: Measurement): boolean {
  const isWhole = outcome === 'ok' && in_vain !== true && !isInVain(terminal?.state);
  return isWhole && ended_ms - due_ms <= rules.objective_ms;
}

function addAsked(load: LoadMetrics, user: number, good: boolean): void {
  if (!Number.isInteger(user) || user < 0 || user >= load.rules.users) return;
  load.users_asked[user] = (load.users_asked[user] ?? 0) + 1;
  if (good) load.users_good[user] = (load.users_good[user] ?? 0) + 1;
}

function addGap({ load }: Metrics, tally: Tally, gap_ms: number): void {
  addLatency(tally.gap, gap_ms);
  if (load !== null && gap_ms > load.rules.stall_ms) tally.stalls += 1;
}

function addToSecond({ load }: Metrics, at_ms: number, which: 'first_event' | 'gap', ms: number): void {
  if (load !== null) addOfStream(load.seconds, afterBegin(load, at_ms), which, ms);
}

function countInLoad({ load }: Metrics, at_ms: number, what: Counted): void {
  if (load !== null) addToSeries(load.seconds, afterBegin(load, at_ms), what);
}

/** What was measured before it was told that the load had begun counts as its very beginning. */
const afterBegin = ({ began_ms }: LoadMetrics, at_ms: number): number =>
  Number.isFinite(began_ms) ? Math.max(0, at_ms - began_ms) : 0;
