/**
 * What is compared of two loads, and how it is read: of one part, a second or a block, or of many parts together, each as often as it is
 * wanted. Histograms are added and read then; no percentile is ever the mean of others.
 */
import { encodeLatencies } from '../encode-metrics.ts';
import {
  type Latencies,
  mergeLatencies,
  type Percentile,
  percentileOf as percentileIn,
  SAMPLES_MIN,
  startLatencies,
} from '../latency.ts';
import type { LoadMetrics } from '../load-metrics.ts';
import type { Metrics } from '../metrics.ts';
import { type Tally, unansweredOf } from '../tally.ts';
import type { ComparedMetric } from './judge-metrics.ts';

type Timed = 'from_due' | 'first_event' | 'gap';

interface Counts {
  readonly answered: number;
  readonly outcomes: number;
  readonly unanswered: number;
  readonly good: number;
  /** Outcomes, and users who were dropped. */
  readonly wanted: number;
  readonly events: number;
}

export interface LoadPart {
  readonly seconds: number;
  readonly counts: Counts;
  readonly times: Readonly<Record<Timed, Latencies | undefined>>;
}

/** What one second or block has of a metric; only as much as can be added. */
type Read =
  | { readonly kind: 'percentile'; readonly of: Timed; readonly percentile: Percentile }
  | { readonly kind: 'fraction' | 'rate'; readonly some: keyof Counts; readonly all: keyof Counts };

export type Compared = ComparedMetric & { readonly read: Read };

const percentiles = (prefix: string, of: Timed, decisive: readonly Percentile[]): readonly Compared[] =>
  ([50, 95, 99] as const).map((percentile) => ({
    name: `${prefix}p${percentile}_ms`,
    unit: 'ms',
    goodIs: 'low',
    isDecisive: decisive.includes(percentile),
    read: { kind: 'percentile', of, percentile },
  }));

export const COMPARED: readonly Compared[] = [
  ...percentiles('', 'from_due', [50, 95]),
  ...percentiles('first_event_', 'first_event', []),
  ...percentiles('gap_', 'gap', []),
  {
    name: 'error_rate',
    unit: 'fraction',
    goodIs: 'low',
    isDecisive: true,
    read: { kind: 'fraction', some: 'unanswered', all: 'outcomes' },
  },
  {
    name: 'goodput',
    unit: 'fraction',
    goodIs: 'high',
    isDecisive: false,
    read: { kind: 'fraction', some: 'good', all: 'wanted' },
  },
  {
    name: 'answers_per_s',
    unit: 'per_s',
    goodIs: 'high',
    isDecisive: false,
    read: { kind: 'rate', some: 'answered', all: 'answered' },
  },
  {
    name: 'events_per_s',
    unit: 'per_s',
    goodIs: 'high',
    isDecisive: false,
    read: { kind: 'rate', some: 'events', all: 'events' },
  },
];

/** A whole block, which lasted so long. */
export function blockPart(metrics: Metrics, seconds: number): LoadPart {
  const tallies = [...metrics.tallies.values()];
  const sum = (pick: (tally: Tally) => number): number => tallies.reduce((all, tally) => all + pick(tally), 0);
  const all = (of: Timed): Latencies =>
    tallies.reduce((one, tally) => mergeLatencies(one, tally[of]), startLatencies());
  const outcomes = sum(({ ok, fail, info }) => ok + fail + info);
  const counts = {
    answered: sum(({ ok }) => ok),
    outcomes,
    unanswered: sum(unansweredOf),
    good: sum(({ good }) => good),
    wanted: outcomes + metrics.dropped,
    events: sum(({ events }) => events),
  };
  return {
    seconds,
    counts,
    times: { from_due: all('from_due'), first_event: all('first_event'), gap: all('gap') },
  };
}

/** Its whole seconds but the first, in which everything is new. */
export function secondParts({ seconds: series, ran_ms }: LoadMetrics): readonly LoadPart[] {
  const { slice_ms, slices } = series;
  const count = Math.floor(ran_ms / slice_ms);
  return Array.from({ length: Math.max(0, count - 1) }, (_, place): LoadPart => {
    const slice = slices.get(place + 1);
    const { ok = 0, fail = 0, info = 0, unanswered = 0, good = 0, dropped = 0, events = 0 } = slice?.counts ?? {};
    const outcomes = ok + fail + info;
    return {
      seconds: slice_ms / 1000,
      counts: { answered: ok, outcomes, unanswered, good, wanted: outcomes + dropped, events },
      times: {
        from_due: slice?.latencies,
        first_event: slice?.streams.get('first_event'),
        gap: slice?.streams.get('gap'),
      },
    };
  });
}

export function samplesOf({ read }: Compared, parts: readonly LoadPart[]): number {
  return parts.reduce(
    (sum, { counts, times }) =>
      sum + (read.kind === 'percentile' ? (times[read.of]?.histogram.totalCount ?? 0) : counts[read.all]),
    0,
  );
}

/** As if they were one. */
export function addParts(parts: readonly LoadPart[]): LoadPart {
  const sum = (pick: (part: LoadPart) => number): number => parts.reduce((all, part) => all + pick(part), 0);
  const count = (name: keyof Counts): number => sum(({ counts }) => counts[name]);
  const all = (of: Timed): Latencies => {
    const added = startLatencies();
    for (const { times } of parts) {
      const one = times[of];
      if (one === undefined) continue;
      added.histogram.add(one.histogram);
      added.max_us = Math.max(added.max_us, one.max_us);
    }
    return added;
  };
  return {
    seconds: sum(({ seconds }) => seconds),
    counts: {
      answered: count('answered'),
      outcomes: count('outcomes'),
      unanswered: count('unanswered'),
      good: count('good'),
      wanted: count('wanted'),
      events: count('events'),
    },
    times: { from_due: all('from_due'), first_event: all('first_event'), gap: all('gap') },
  };
}

/** Null with too few samples. */
export function readOf({ read }: Compared, { counts, times, seconds }: LoadPart): number | null {
  if (read.kind === 'percentile') {
    const latencies = times[read.of];
    return latencies === undefined ? null : percentileIn(latencies, read.percentile);
  }
  const all = read.kind === 'rate' ? seconds : counts[read.all];
  return all === 0 ? null : counts[read.some] / all;
}

/** Of the parts together, each counted as often as its weight says; null with too few samples. */
export type Statistic = (weights: readonly number[]) => number | null;

export function statisticOf({ read }: Compared, parts: readonly LoadPart[]): Statistic {
  if (read.kind === 'percentile')
    return weighedPercentile(
      read.percentile,
      parts.map(({ times }) => times[read.of]),
    );
  const weigh = (weights: readonly number[], of: (part: LoadPart) => number): number =>
    parts.reduce((sum, part, place) => sum + (weights[place] ?? 0) * of(part), 0);
  return (weights) => {
    const some = weigh(weights, ({ counts }) => counts[read.some]);
    const all = weigh(weights, ({ counts, seconds }) => (read.kind === 'rate' ? seconds : counts[read.all]));
    return all === 0 ? null : some / all;
  };
}

/** In milliseconds. The values of all histograms are laid side by side once, since they are added many times. */
function weighedPercentile(percentile: Percentile, histograms: readonly (Latencies | undefined)[]): Statistic {
  const counted = histograms.map((one) => (one === undefined ? [] : encodeLatencies(one).counts));
  const values = [...new Set(counted.flat().map(([value_us]) => value_us))].sort((a, b) => a - b);
  const placeOf = new Map(values.map((value_us, place) => [value_us, place]));
  const rows = counted.map((row) => row.map(([value_us, count]) => [placeOf.get(value_us) ?? 0, count] as const));
  return (weights) => {
    const sums = new Float64Array(values.length);
    let total = 0;
    for (const [part, row] of rows.entries()) {
      const weight = weights[part] ?? 0;
      if (weight === 0) continue;
      for (const [place, count] of row) {
        sums[place] = (sums[place] ?? 0) + weight * count;
        total += weight * count;
      }
    }
    if (total < SAMPLES_MIN[percentile]) return null;
    let below = 0;
    const rank = (percentile / 100) * total;
    const place = sums.findIndex((count) => {
      below += count;
      return below >= rank;
    });
    return Math.max(1, values[place] ?? 0) / 1000;
  };
}

/** What is added and subtracted: of times and rates their logarithms, so that an effect is a ratio. Null where there is none. */
export function scaled({ unit }: ComparedMetric, value: number | null): number | null {
  if (value === null) return null;
  if (unit === 'fraction') return value;
  return value > 0 ? Math.log(value) : null;
}
