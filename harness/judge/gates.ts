/**
 * A gate is one line that a run must meet, such as `p95_ms(SendMessage) < 250`. It is measured over all applicable
 * scenarios of the run together. A gate without enough samples is neither met nor missed: it says so.
 */
import { OPERATION_NAMES, SERVERS_MAX, serverNames } from '../model/op.ts';
import type { GateRecord } from '../model/record.ts';
import { longest, type Measured, percentile, type Read, readErrorRate } from './gate-readings.ts';
import * as load from './load-readings.ts';
import * as faults from './recovery-readings.ts';

export type { Measured } from './gate-readings.ts';

export class GateError extends Error {
  override readonly name = 'GateError';
}

interface Metric {
  /** What may stand in brackets. */
  readonly of: 'operations' | 'targets' | 'nothing';
  /** It is a fraction, and may be given in percent. */
  readonly isFraction?: true;
  /** Not told of a part of a run, while it goes on. */
  readonly isOfWhole?: true;
  readonly read: Read;
}

const METRICS = {
  p50_ms: { of: 'operations', read: percentile('from_due', 50) },
  p95_ms: { of: 'operations', read: percentile('from_due', 95) },
  p99_ms: { of: 'operations', read: percentile('from_due', 99) },
  max_ms: { of: 'operations', read: longest('from_due') },
  sent_p50_ms: { of: 'operations', read: percentile('from_sent', 50) },
  sent_p95_ms: { of: 'operations', read: percentile('from_sent', 95) },
  sent_p99_ms: { of: 'operations', read: percentile('from_sent', 99) },
  sent_max_ms: { of: 'operations', read: longest('from_sent') },
  first_event_p50_ms: { of: 'operations', read: percentile('first_event', 50) },
  first_event_p95_ms: { of: 'operations', read: percentile('first_event', 95) },
  first_event_p99_ms: { of: 'operations', read: percentile('first_event', 99) },
  gap_p50_ms: { of: 'operations', read: percentile('gap', 50) },
  gap_p95_ms: { of: 'operations', read: percentile('gap', 95) },
  gap_p99_ms: { of: 'operations', read: percentile('gap', 99) },
  gap_max_ms: { of: 'operations', read: longest('gap') },
  terminal_p50_ms: { of: 'operations', read: percentile('terminal', 50) },
  terminal_p95_ms: { of: 'operations', read: percentile('terminal', 95) },
  terminal_p99_ms: { of: 'operations', read: percentile('terminal', 99) },
  terminal_max_ms: { of: 'operations', read: longest('terminal') },
  error_rate: { of: 'operations', isFraction: true, read: readErrorRate },
  rate_per_s: { of: 'nothing', read: load.ratePerS },
  dropped: { of: 'nothing', isFraction: true, read: load.dropped },
  goodput: { of: 'operations', isFraction: true, read: load.goodput },
  goodput_per_s: { of: 'operations', read: load.goodputPerS },
  events_per_s: { of: 'operations', read: load.eventsPerS },
  stalls: { of: 'operations', read: load.stalls },
  fairness: { of: 'nothing', isOfWhole: true, read: load.fairness },
  lag_p99_ms: { of: 'nothing', read: load.lagP99 },
  recovery_ms: { of: 'targets', isOfWhole: true, read: faults.recovery },
  error_rate_back_ms: { of: 'targets', isOfWhole: true, read: faults.errorRateBack },
  p95_back_ms: { of: 'targets', isOfWhole: true, read: faults.p95Back },
  lost: { of: 'targets', isOfWhole: true, read: faults.lost },
  lost_after: { of: 'targets', isOfWhole: true, read: faults.lostAfter },
  stuck: { of: 'targets', isOfWhole: true, read: faults.readStuck },
  resumed: { of: 'targets', isOfWhole: true, isFraction: true, read: faults.resumed },
  doubled: { of: 'targets', isOfWhole: true, read: faults.doubled },
  findings: {
    of: 'nothing',
    isOfWhole: true,
    read: (_, { findings, evidence }) => ({ value: evidence === 0 ? null : findings, samples: evidence }),
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type GateMetric = keyof typeof METRICS;
const metricOf = (name: GateMetric): Metric => METRICS[name];

export interface Gate {
  readonly metric: GateMetric;
  /** An operation; for what is about recovery a fault's target. Without it, all of them together. */
  readonly of?: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '==';
  readonly threshold: number;
  /** Only for fractions. */
  readonly unit?: '%';
}

const CHOICES: Readonly<Record<Metric['of'], readonly string[]>> = {
  operations: OPERATION_NAMES,
  targets: [...serverNames(SERVERS_MAX), 'peer'],
  nothing: [],
};

const FRACTIONS = Object.keys(METRICS).filter((name) => isMetric(name) && metricOf(name).isFraction === true);
const FRACTIONS_TOLD = `${FRACTIONS.slice(0, -1).join(', ')} and ${FRACTIONS.at(-1)}`;

const SHAPE = /^([a-z0-9_]+)\s*(?:\(\s*([^()]*?)\s*\))?\s*(<=|>=|==|<|>)\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(%?)$/i;

/** Throws `GateError` with a sentence that lists what is allowed. */
export function parseGate(text: string): Gate {
  const [, metric, of, operator, number, unit] = SHAPE.exec(text.trim()) ?? [];
  if (metric === undefined) {
    throw refusal(text, 'it does not have the form metric, operator, number');
  }
  if (!isMetric(metric)) throw refusal(text, `"${metric}" is not a metric`);
  const choices = CHOICES[metricOf(metric).of];
  if (of !== undefined && !choices.includes(of)) {
    const allowed = choices.length === 0 ? 'takes nothing in brackets' : `takes one of ${choices.join(', ')}`;
    throw refusal(text, `"${of}" is unknown: ${metric} ${allowed}`);
  }
  if (unit === '%' && metricOf(metric).isFraction !== true) {
    throw refusal(text, `only ${FRACTIONS_TOLD} can be given in percent`);
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

/** A gate that can be held against a part of a run; throws `GateError` for all others. */
export function parseGateOfPart(text: string): Gate {
  const gate = parseGate(text);
  if (metricOf(gate.metric).isOfWhole !== true) return gate;
  const allowed = Object.keys(METRICS).filter((name) => isMetric(name) && metricOf(name).isOfWhole !== true);
  throw new GateError(
    `The gate "${text}" cannot stop a load: ${gate.metric} is known when the run is over. Allowed are ${allowed.join(', ')}.`,
  );
}

export function renderGate({ metric, of, operator, threshold, unit }: Gate): string {
  return `${metric}${of === undefined ? '' : `(${of})`} ${operator} ${threshold}${unit ?? ''}`;
}

/** `value` is in the unit in which the gate is written: percent for `error_rate < 0.1%`. */
export function evaluateGate(gate: Gate, measured: Measured): GateRecord {
  const { value, samples, missed } = metricOf(gate.metric).read(gate, measured);
  const text = renderGate(gate);
  if (missed === true) return { gate: text, status: 'missed', value, samples };
  if (value === null) return { gate: text, status: 'no-samples', value, samples };
  return { gate: text, status: holds(value, gate) ? 'met' : 'missed', value, samples };
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
  return Object.hasOwn(METRICS, word);
}

function refusal(text: string, why: string): GateError {
  return new GateError(
    `The gate "${text}" cannot be read: ${why}. A gate is a metric (${Object.keys(METRICS).join(', ')}), ` +
      'where wanted followed by an operation or a target in brackets, then one of < <= > >= == and a number, ' +
      `with % for ${FRACTIONS_TOLD} where wanted:` +
      ' p95_ms(SendMessage) < 250 or error_rate < 0.1% or findings == 0.',
  );
}
