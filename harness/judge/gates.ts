/**
 * A gate is one line that a run must meet, such as `p95_ms(SendMessage) < 250`. It is measured over all applicable
 * scenarios of the run together. A gate without enough samples is neither met nor missed: it says so.
 */

import { OPERATION_NAMES, SERVERS_MAX, serverNames } from '../model/op.ts';
import type { FaultRecord, GateRecord, LostRecord, RecoveryRecord } from '../model/record.ts';
import { OUTCOMES_MIN } from './calm-window.ts';
import { type Latencies, maxOf, mergeLatencies, percentileOf, startLatencies } from './latency.ts';
import type { Metrics } from './metrics.ts';
import { type Tally, unansweredOf } from './tally.ts';

export class GateError extends Error {
  override readonly name = 'GateError';
}

export type GateMetric =
  | 'p50_ms'
  | 'p95_ms'
  | 'p99_ms'
  | 'max_ms'
  | 'first_event_p50_ms'
  | 'first_event_p95_ms'
  | 'first_event_p99_ms'
  | 'error_rate'
  | 'recovery_ms'
  | 'error_rate_back_ms'
  | 'p95_back_ms'
  | 'lost'
  | 'lost_after'
  | 'stuck'
  | 'resumed'
  | 'doubled'
  | 'findings';

export interface Gate {
  readonly metric: GateMetric;
  /** An operation; for what is about recovery a fault's target. Without it, all of them together. */
  readonly of?: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '==';
  readonly threshold: number;
  /** Only for `error_rate` and `resumed`, which are fractions without it. */
  readonly unit?: '%';
}

/** What a gate is held against. */
export interface Measured {
  /** One per applicable scenario. */
  readonly metrics: readonly Metrics[];
  /** Of all of them, with their recoveries. */
  readonly faults: readonly FaultRecord[];
  readonly findings: number;
  /** How many times any check could have failed. */
  readonly evidence: number;
}

interface Reading {
  readonly value: number | null;
  readonly samples: number;
  /** Known to be missed although no number can be given. */
  readonly missed?: boolean;
}

type Of = 'operations' | 'targets' | 'nothing';

const OF_WHAT: Readonly<Record<GateMetric, Of>> = {
  p50_ms: 'operations',
  p95_ms: 'operations',
  p99_ms: 'operations',
  max_ms: 'operations',
  first_event_p50_ms: 'operations',
  first_event_p95_ms: 'operations',
  first_event_p99_ms: 'operations',
  error_rate: 'operations',
  recovery_ms: 'targets',
  error_rate_back_ms: 'targets',
  p95_back_ms: 'targets',
  lost: 'targets',
  lost_after: 'targets',
  stuck: 'targets',
  resumed: 'targets',
  doubled: 'targets',
  findings: 'nothing',
};

const CHOICES: Readonly<Record<Of, readonly string[]>> = {
  operations: OPERATION_NAMES,
  targets: [...serverNames(SERVERS_MAX), 'peer'],
  nothing: [],
};

const FRACTIONS: ReadonlySet<GateMetric> = new Set(['error_rate', 'resumed']);

const SHAPE = /^([a-z0-9_]+)\s*(?:\(\s*([^()]*?)\s*\))?\s*(<=|>=|==|<|>)\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(%?)$/i;

/** Throws `GateError` with a sentence that lists what is allowed. */
export function parseGate(text: string): Gate {
  const [, metric, of, operator, number, unit] = SHAPE.exec(text.trim()) ?? [];
  if (metric === undefined) {
    throw refusal(text, 'it does not have the form metric, operator, number');
  }
  if (!isMetric(metric)) throw refusal(text, `"${metric}" is not a metric`);
  const choices = CHOICES[OF_WHAT[metric]];
  if (of !== undefined && !choices.includes(of)) {
    const allowed = choices.length === 0 ? 'takes nothing in brackets' : `takes one of ${choices.join(', ')}`;
    throw refusal(text, `"${of}" is unknown: ${metric} ${allowed}`);
  }
  if (unit === '%' && !FRACTIONS.has(metric)) {
    throw refusal(text, `only ${[...FRACTIONS].join(' and ')} can be given in percent`);
  }
  const threshold = Number(number);
  if (!Number.isFinite(threshold)) throw refusal(text, `${number} is too large`);
  return {
    metric,
    ...(of === undefined ? {} : { of }),
    operator: operator as Gate['operator'],
    threshold,
    ...(unit === '%' ? { unit } : {}),
  };
}

export function renderGate({ metric, of, operator, threshold, unit }: Gate): string {
  return `${metric}${of === undefined ? '' : `(${of})`} ${operator} ${threshold}${unit ?? ''}`;
}

/** `value` is in the unit in which the gate is written: percent for `error_rate < 0.1%`. */
export function evaluateGate(gate: Gate, measured: Measured): GateRecord {
  const { value, samples, missed } = read(gate, measured);
  const text = renderGate(gate);
  if (missed === true) return { gate: text, status: 'missed', value, samples };
  if (value === null) return { gate: text, status: 'no-samples', value, samples };
  return { gate: text, status: holds(value, gate) ? 'met' : 'missed', value, samples };
}

function read(gate: Gate, measured: Measured): Reading {
  switch (gate.metric) {
    case 'findings':
      return { value: measured.evidence === 0 ? null : measured.findings, samples: measured.evidence };
    case 'recovery_ms':
      return readReturn(gate, measured, firstSuccess);
    case 'error_rate_back_ms':
      return readReturn(gate, measured, ({ error_rate_back_ms: back_ms, before, ...rest }) =>
        backTo(back_ms, before.error_rate, rest),
      );
    case 'p95_back_ms':
      return readReturn(gate, measured, ({ p95_back_ms: back_ms, before, ...rest }) =>
        backTo(back_ms, before.p95_ms, rest),
      );
    case 'lost':
      return readSum(gate, measured, ({ lost_during, lost_after }) => [lost_during, lost_after]);
    case 'lost_after':
      return readSum(gate, measured, ({ lost_after }) => [lost_after]);
    case 'stuck':
      return readStuck(gate, measured);
    case 'resumed': {
      const { value, samples } = readOf(gate, measured, ({ resumed, broken_off }) => [resumed, broken_off]);
      return { value: value === null ? null : (value * (gate.unit === '%' ? 100 : 1)) / samples, samples };
    }
    case 'doubled':
      return readOf(gate, measured, ({ doubled, sent_again }) => [doubled, sent_again]);
    case 'error_rate':
      return readErrorRate(gate, measured);
    case 'max_ms':
      return readLatency(gate, measured, 'from_due', maxOf);
    case 'p50_ms':
      return readLatency(gate, measured, 'from_due', (latencies) => percentileOf(latencies, 50));
    case 'p95_ms':
      return readLatency(gate, measured, 'from_due', (latencies) => percentileOf(latencies, 95));
    case 'p99_ms':
      return readLatency(gate, measured, 'from_due', (latencies) => percentileOf(latencies, 99));
    case 'first_event_p50_ms':
      return readLatency(gate, measured, 'first_event', (latencies) => percentileOf(latencies, 50));
    case 'first_event_p95_ms':
      return readLatency(gate, measured, 'first_event', (latencies) => percentileOf(latencies, 95));
    case 'first_event_p99_ms':
      return readLatency(gate, measured, 'first_event', (latencies) => percentileOf(latencies, 99));
  }
}

/** From due time, because what a user waits for begins when it was due. */
function readLatency(
  gate: Gate,
  measured: Measured,
  which: 'from_due' | 'first_event',
  take: (latencies: Latencies) => number | null,
): Reading {
  let all = startLatencies();
  for (const tally of talliesOf(gate, measured)) all = mergeLatencies(all, tally[which]);
  return { value: take(all), samples: all.histogram.totalCount };
}

/** Outcomes that were no answer among all outcomes; an error of §3.3.2 is an answer. */
function readErrorRate(gate: Gate, measured: Measured): Reading {
  let samples = 0;
  let unanswered = 0;
  for (const tally of talliesOf(gate, measured)) {
    samples += tally.ok + tally.fail + tally.info;
    unanswered += unansweredOf(tally);
  }
  if (samples === 0) return { value: null, samples };
  return { value: (unanswered * (gate.unit === '%' ? 100 : 1)) / samples, samples };
}

/** `never`: it was tried, and did not come back; null where too little was asked to know. */
type Return = number | 'never' | null;

/** The slowest return counts. What was tried in vain to the end never came back, and misses its gate without a number. */
function readReturn(gate: Gate, measured: Measured, returnOf: (recovery: RecoveryRecord) => Return): Reading {
  const returns = recoveriesOf(gate, measured).flatMap((recovery) => returnOf(recovery) ?? []);
  const times = returns.filter((one) => one !== 'never');
  if (times.length < returns.length) return { value: null, samples: returns.length, missed: true };
  return { value: times.length === 0 ? null : Math.max(...times), samples: times.length };
}

function firstSuccess({ first_success_ms, tried_in_vain, overlaid }: RecoveryRecord): Return {
  return first_success_ms ?? (tried_in_vain > 0 && !overlaid ? 'never' : null);
}

function backTo(
  back_ms: number | null,
  before: number | null,
  { lost_after, overlaid }: Pick<RecoveryRecord, 'lost_after' | 'overlaid'>,
): Return {
  const isKnown = before !== null && lost_after.samples >= OUTCOMES_MIN && !overlaid;
  return back_ms ?? (isKnown ? 'never' : null);
}

/** An op that two faults met is lost to both. */
function readSum(
  gate: Gate,
  measured: Measured,
  partsOf: (recovery: RecoveryRecord) => readonly LostRecord[],
): Reading {
  const parts = recoveriesOf(gate, measured).flatMap(partsOf);
  const samples = parts.reduce((sum, part) => sum + part.samples, 0);
  if (samples === 0) return { value: null, samples };
  return { value: parts.reduce((sum, { failed, unknown }) => sum + failed + unknown, 0), samples };
}

function readStuck(gate: Gate, measured: Measured): Reading {
  const recoveries = recoveriesOf(gate, measured);
  const samples = recoveries.length;
  return { value: samples === 0 ? null : recoveries.reduce((sum, { stuck }) => sum + stuck, 0), samples };
}

/** So many of so many, of all faults together. */
function readOf(
  gate: Gate,
  measured: Measured,
  countsOf: (recovery: RecoveryRecord) => readonly [some: number, all: number],
): Reading {
  const counts = recoveriesOf(gate, measured).map(countsOf);
  const samples = counts.reduce((sum, [, all]) => sum + all, 0);
  return { value: samples === 0 ? null : counts.reduce((sum, [some]) => sum + some, 0), samples };
}

function recoveriesOf(gate: Gate, { faults }: Measured): RecoveryRecord[] {
  return faults
    .filter(({ fault, healed_ms }) => healed_ms !== null && (gate.of === undefined || fault.target === gate.of))
    .flatMap(({ recovery }) => recovery ?? []);
}

function talliesOf(gate: Gate, measured: Measured): Tally[] {
  return measured.metrics.flatMap(({ tallies }) =>
    [...tallies].filter(([op]) => gate.of === undefined || op === gate.of).map(([, tally]) => tally),
  );
}

function holds(value: number, { operator, threshold }: Gate): boolean {
  switch (operator) {
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '==':
      return value === threshold;
  }
}

function isMetric(word: string): word is GateMetric {
  return Object.hasOwn(OF_WHAT, word);
}

function refusal(text: string, why: string): GateError {
  return new GateError(
    `The gate "${text}" cannot be read: ${why}. A gate is a metric (${Object.keys(OF_WHAT).join(', ')}), ` +
      'where wanted followed by an operation or a target in brackets, then one of < <= > >= == and a number, ' +
      `with % for ${[...FRACTIONS].join(' and ')} where wanted:` +
      ' p95_ms(SendMessage) < 250 or error_rate < 0.1% or findings == 0.',
  );
}
