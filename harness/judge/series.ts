/**
 * What happened in each slice of time, in so few slices however long it takes. Slices begin at multiples of their width, and
 * widths are the least one doubled: so the width depends on the first and last time alone, in whatever order events come and
 * parts are merged.
 */
import type { LoadPoint } from '../model/load-record.ts';
import type { SlicePoint } from '../model/record.ts';
import { addLatency, type Latencies, mergeLatencies, percentileOf, startLatencies } from './latency.ts';

export interface Grid {
  readonly slice_ms_min: number;
  readonly slices_max: number;
}

/** More would leave too few samples in each for a percentile, and no reader can tell more apart. */
export const SCENARIO_GRID: Grid = { slice_ms_min: 50, slices_max: 40 };
/** A load is told per second for its first ten minutes. */
export const LOAD_GRID: Grid = { slice_ms_min: 1_000, slices_max: 600 };

/** Two digits are enough to draw a line, and keep many histograms small. */
const DIGITS = 2;

const COUNTED = ['ok', 'fail', 'info', 'dropped', 'due', 'sent', 'good', 'late', 'events', 'unanswered'] as const;
export type Counted = (typeof COUNTED)[number];

/** Latencies of streams, which only a load has by second; when they were seen, not when they were due. */
const OF_STREAMS = ['first_event', 'gap'] as const;
export type OfStreams = (typeof OF_STREAMS)[number];

export interface Slice {
  readonly counts: Record<Counted, number>;
  /** From due time, of what ended in it. */
  readonly latencies: Latencies;
  readonly streams: ReadonlyMap<OfStreams, Latencies>;
}

export interface Series {
  readonly grid: Grid;
  slice_ms: number;
  /** By number: the slice with number n begins at n × `slice_ms`. */
  slices: Map<number, Slice>;
  first: number;
  last: number;
}

export function startSeries(grid: Grid = SCENARIO_GRID): Series {
  return {
    grid,
    slice_ms: grid.slice_ms_min,
    slices: new Map(),
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
  };
}

/** `latency_ms`: from due time, where the outcome has one. */
export function addToSeries(series: Series, time_ms: number, what: Counted, latency_ms?: number): void {
  const slice = series.slices.get(Math.floor(time_ms / series.slice_ms)) ?? newSlice(series, time_ms);
  slice.counts[what] += 1;
  if (latency_ms !== undefined) addLatency(slice.latencies, latency_ms);
}

export function addOfStream(series: Series, time_ms: number, which: OfStreams, ms: number): void {
  cover(series, Math.floor(time_ms / series.slice_ms));
  const number = Math.floor(time_ms / series.slice_ms);
  const slice = sliceAt(series, number);
  const known = slice.streams.get(which);
  const latencies = known ?? startLatencies(DIGITS);
  addLatency(latencies, ms);
  if (known !== undefined) return;
  const streams = new Map([...slice.streams, [which, latencies] as const]);
  series.slices.set(number, { ...slice, streams: inOrder(streams) });
}

/** Whatever was told first. */
const inOrder = (streams: Slice['streams']): Slice['streams'] =>
  new Map(
    OF_STREAMS.flatMap((which) => {
      const latencies = streams.get(which);
      return latencies === undefined ? [] : [[which, latencies] as const];
    }),
  );

export function startSlice(): Slice {
  const counts = { ok: 0, fail: 0, info: 0, dropped: 0, due: 0, sent: 0, good: 0, late: 0, events: 0, unanswered: 0 };
  return { counts, latencies: startLatencies(DIGITS), streams: new Map() };
}

export function mergeSeries(a: Series, b: Series): Series {
  const merged = startSeries(a.grid);
  for (const part of [a, b]) {
    while (merged.slice_ms < part.slice_ms) widen(merged);
  }
  for (const part of [a, b]) {
    for (const [number, slice] of part.slices) {
      const begin_ms = number * part.slice_ms;
      cover(merged, Math.floor(begin_ms / merged.slice_ms));
      mergeInto(merged, Math.floor(begin_ms / merged.slice_ms), slice);
    }
  }
  return merged;
}

/** Times are those of the run; slices in which nothing happened are there too. */
export function toPoints(series: Series): SlicePoint[] {
  return numbersOf(series).map((number) => {
    const { counts, latencies } = series.slices.get(number) ?? NOTHING;
    return {
      at_ms: number * series.slice_ms,
      ok: counts.ok,
      fail: counts.fail,
      info: counts.info,
      dropped: counts.dropped,
      p50_ms: percentileOf(latencies, 50),
      p95_ms: percentileOf(latencies, 95),
    };
  });
}

export function toLoadPoints(series: Series): LoadPoint[] {
  return numbersOf(series).map((number) => {
    const { counts, latencies } = series.slices.get(number) ?? NOTHING;
    const { unanswered: _, ...told } = counts;
    return {
      at_ms: number * series.slice_ms,
      ...told,
      p50_ms: percentileOf(latencies, 50),
      p95_ms: percentileOf(latencies, 95),
      p99_ms: percentileOf(latencies, 99),
    };
  });
}

const NOTHING = startSlice();

function numbersOf({ first, last }: Series): readonly number[] {
  return first > last ? [] : Array.from({ length: last - first + 1 }, (_, place) => first + place);
}

function newSlice(series: Series, time_ms: number): Slice {
  cover(series, Math.floor(time_ms / series.slice_ms));
  return sliceAt(series, Math.floor(time_ms / series.slice_ms));
}

/** Makes room for a slice, numbered by the present width, widening all until there are few enough. */
function cover(series: Series, number: number): void {
  let covered = number;
  const spanWith = (): number => Math.max(series.last, covered) - Math.min(series.first, covered) + 1;
  while (spanWith() > series.grid.slices_max) {
    widen(series);
    covered = Math.floor(covered / 2);
  }
  series.first = Math.min(series.first, covered);
  series.last = Math.max(series.last, covered);
}

function widen(series: Series): void {
  const narrow = series.slices;
  series.slice_ms *= 2;
  series.slices = new Map();
  series.first = Math.floor(series.first / 2);
  series.last = Math.floor(series.last / 2);
  for (const [number, slice] of narrow) mergeInto(series, Math.floor(number / 2), slice);
}

function mergeInto(series: Series, number: number, slice: Slice): void {
  const into = sliceAt(series, number);
  const counts = { ...into.counts };
  for (const what of COUNTED) counts[what] += slice.counts[what];
  const latencies = mergeLatencies(into.latencies, slice.latencies, DIGITS);
  series.slices.set(number, { counts, latencies, streams: mergeStreams(into.streams, slice.streams) });
}

function mergeStreams(a: Slice['streams'], b: Slice['streams']): Slice['streams'] {
  if (b.size === 0) return a;
  const parts = (which: OfStreams): readonly Latencies[] => [a.get(which) ?? [], b.get(which) ?? []].flat();
  return new Map(
    OF_STREAMS.filter((which) => parts(which).length > 0).map((which) => [
      which,
      parts(which).reduce((sum, part) => mergeLatencies(sum, part, DIGITS), startLatencies(DIGITS)),
    ]),
  );
}

function sliceAt(series: Series, number: number): Slice {
  const known = series.slices.get(number);
  if (known !== undefined) return known;
  const slice = startSlice();
  series.slices.set(number, slice);
  return slice;
}
