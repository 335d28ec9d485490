/**
 * Numbers of a scenario as JSON, so that parts of one load can be measured apart and added later: nothing is rounded, and what is
 * read back merges as what was written. Of faults nothing is written, since they belong to whoever keeps the history.
 */
import { JsHistogram } from 'hdr-histogram-js';
import { reasonOf } from '../model/reason-of.ts';
import { type Latencies, startLatencies } from './latency.ts';
import { type LoadMetrics, type LoadRules, type StageTally, startLoadMetrics } from './load-metrics.ts';
import { type Metrics, startMetrics } from './metrics.ts';
import { type Counted, type Grid, type OfStreams, type Series, type Slice, startSeries, startSlice } from './series.ts';
import type { Tally } from './tally.ts';

export const METRICS_SCHEMA = 'muster.metrics/1';

export class MetricsError extends Error {
  override readonly name = 'MetricsError';
}

/** `counts`: the least value of each class of values that the histogram does not tell apart, in microseconds, and how many there are. */
export interface EncodedLatencies {
  readonly digits: 2 | 3;
  readonly max_us: number;
  readonly counts: readonly (readonly [value_us: number, count: number])[];
}

interface EncodedSeries {
  readonly grid: Grid;
  readonly slice_ms: number;
  readonly slices: readonly {
    readonly number: number;
    readonly counts: Readonly<Record<Counted, number>>;
    readonly latencies: EncodedLatencies;
    readonly streams?: readonly (readonly [which: OfStreams, latencies: EncodedLatencies])[];
  }[];
}

type Numbers<T> = { readonly [K in keyof T as T[K] extends number ? K : never]: T[K] };
type Histograms<T> = { readonly [K in keyof T as T[K] extends Latencies ? K : never]: EncodedLatencies };
type Counts<T> = {
  readonly [K in keyof T as T[K] extends Map<string, number> ? K : never]: readonly (readonly [string, number])[];
};
type Encoded<T> = Numbers<T> & Histograms<T> & Counts<T>;

type EncodedLoad = Encoded<Omit<LoadMetrics, 'began_ms'>> & {
  readonly rules: LoadRules;
  /** Null where it has not begun. */
  readonly began_ms: number | null;
  readonly stages: readonly Encoded<StageTally>[];
  readonly seconds: EncodedSeries;
  /** By user, who asked anything: his position, what he asked, and what of it was good. */
  readonly users: readonly (readonly [user: number, asked: number, good: number])[];
};

export interface EncodedMetrics {
  readonly schema: typeof METRICS_SCHEMA;
  readonly started_ms: number | null;
  readonly ended_ms: number;
  readonly users: number;
  readonly dropped: number;
  readonly tallies: readonly (readonly [op: string, tally: Encoded<Tally>])[];
  readonly series: EncodedSeries;
  readonly load: EncodedLoad | null;
}

export function encodeMetrics({
  started_ms,
  ended_ms,
  users,
  dropped,
  tallies,
  series,
  load,
}: Metrics): EncodedMetrics {
  return {
    schema: METRICS_SCHEMA,
    started_ms: finite(started_ms),
    ended_ms,
    users,
    dropped,
    tallies: [...tallies].map(([op, tally]) => [op, encodeMembers(tally)]),
    series: encodeSeries(series),
    load: load === null ? null : encodeLoad(load),
  };
}

/** Throws `MetricsError` with a sentence for what is no such encoding, or was written by a later muster. */
export function decodeMetrics(value: unknown): Metrics {
  const schema = (value as Partial<EncodedMetrics> | null | undefined)?.schema;
  if (schema !== METRICS_SCHEMA) {
    throw new MetricsError(
      `The metrics cannot be read: their schema is ${JSON.stringify(schema) ?? 'missing'}, and this muster reads ${METRICS_SCHEMA}. ` +
        'Read them with the muster that wrote them.',
    );
  }
  try {
    return decode(value as EncodedMetrics);
  } catch (error) {
    throw new MetricsError(
      `The metrics cannot be read: ${reasonOf(error)}. The file is damaged or was changed; measure its part of the load again.`,
      { cause: error },
    );
  }
}

function decode({ started_ms, ended_ms, users, dropped, tallies, series, load }: EncodedMetrics): Metrics {
  return {
    ...startMetrics(),
    started_ms: started_ms ?? Number.POSITIVE_INFINITY,
    ended_ms,
    users,
    dropped,
    tallies: new Map(tallies.map(([op, tally]) => [op, decodeMembers<Tally>(tally)])),
    series: decodeSeries(series),
    load: load === null ? null : decodeLoad(load),
  };
}

function encodeLoad(load: LoadMetrics): EncodedLoad {
  const { rules, began_ms, stages, seconds, users_asked, users_good, ...rest } = load;
  return {
    ...encodeMembers(rest),
    rules,
    began_ms: finite(began_ms),
    stages: stages.map(encodeMembers),
    seconds: encodeSeries(seconds),
    users: [...users_asked.entries()].flatMap(([user, asked]) =>
      asked === 0 ? [] : [[user, asked, users_good[user] ?? 0] as const],
    ),
  };
}

function decodeLoad({ rules, began_ms, stages, seconds, users, ...rest }: EncodedLoad): LoadMetrics {
  const { users_asked, users_good } = startLoadMetrics(rules);
  for (const [user, asked, good] of users) {
    users_asked[user] = asked;
    users_good[user] = good;
  }
  return {
    ...decodeMembers<Omit<LoadMetrics, 'rules' | 'began_ms' | 'stages' | 'seconds' | 'users_asked' | 'users_good'>>(
      rest,
    ),
    rules,
    began_ms: began_ms ?? Number.POSITIVE_INFINITY,
    stages: stages.map((stage) => decodeMembers<StageTally>(stage)),
    seconds: decodeSeries(seconds),
    users_asked,
    users_good,
  };
}

/** Of tallies, whose members are numbers, counts by key, and latencies. */
function encodeMembers<T extends object>(tally: T): Encoded<T> {
  const members = Object.entries(tally).map(([name, member]) => [
    name,
    typeof member === 'number' ? member : member instanceof Map ? [...member] : encodeLatencies(member as Latencies),
  ]);
  return Object.fromEntries(members) as Encoded<T>;
}

function decodeMembers<T>(encoded: object): T {
  const members = Object.entries(encoded).map(([name, member]) => [
    name,
    typeof member === 'number' ? member : Array.isArray(member) ? new Map(member) : decodeLatencies(member),
  ]);
  return Object.fromEntries(members) as T;
}

/** The library's own encoding is not used, since it depends on the largest value in a way that reading it back does not keep. */
export function encodeLatencies({ histogram, max_us }: Latencies): EncodedLatencies {
  if (!(histogram instanceof JsHistogram))
    throw new Error('Failed to encode a histogram: it is not one of startLatencies');
  const counts: [number, number][] = [];
  for (let index = 0; index < histogram.countsArrayLength; index += 1) {
    const count = histogram.getCountAtIndex(index);
    if (count > 0) counts.push([histogram.valueFromIndex(index), count]);
  }
  return { digits: histogram.numberOfSignificantValueDigits === 2 ? 2 : 3, max_us, counts };
}

export function decodeLatencies({ digits, max_us, counts }: EncodedLatencies): Latencies {
  const latencies = startLatencies(digits);
  for (const [value_us, count] of counts) {
    if (!isCount(value_us) || !isCount(count)) {
      throw new Error(`${JSON.stringify([value_us, count])} is no value with its count`);
    }
    latencies.histogram.recordValueWithCount(value_us, count);
  }
  latencies.max_us = max_us;
  return latencies;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

function encodeSeries({ grid, slice_ms, slices }: Series): EncodedSeries {
  return {
    grid,
    slice_ms,
    slices: [...slices].map(([number, { counts, latencies, streams }]) => ({
      number,
      counts,
      latencies: encodeLatencies(latencies),
      ...(streams.size === 0
        ? {}
        : { streams: [...streams].map(([which, one]) => [which, encodeLatencies(one)] as const) }),
    })),
  };
}

function decodeSeries({ grid, slice_ms, slices }: EncodedSeries): Series {
  const numbers = slices.map(({ number }) => number);
  return {
    ...startSeries(grid),
    slice_ms,
    slices: new Map(
      slices.map(({ number, counts, latencies, streams = [] }): [number, Slice] => [
        number,
        {
          counts: { ...startSlice().counts, ...counts },
          latencies: decodeLatencies(latencies),
          streams: new Map(streams.map(([which, one]) => [which, decodeLatencies(one)])),
        },
      ]),
    ),
    first: Math.min(...numbers),
    last: Math.max(...numbers),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
