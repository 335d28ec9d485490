/**
 * What happened in each slice of time, in at most 40 slices however long the scenario is. Slices begin at multiples of
 * their width, and widths are 50 ms doubled: so the width depends on the first and last time alone, in whatever order
 * events come and parts are merged.
 */
import type { SlicePoint } from '../model/record.ts';
import { addLatency, type Latencies, mergeLatencies, percentileOf, startLatencies } from './latency.ts';

/** More would leave too few samples in each for a percentile, and no reader can tell more apart. */
const SLICES_MAX = 40;
const SLICE_MS_MIN = 50;
/** Two digits are enough to draw a line, and keep 40 histograms small. */
const DIGITS = 2;

interface Slice {
  ok: number;
  fail: number;
  info: number;
  dropped: number;
  readonly latencies: Latencies;
}

export interface Series {
  slice_ms: number;
  /** By number: the slice with number n begins at n × `slice_ms`. */
  slices: Map<number, Slice>;
  first: number;
  last: number;
}

export function startSeries(): Series {
  return { slice_ms: SLICE_MS_MIN, slices: new Map(), first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
}

/** `latency_ms`: from due time, where the outcome has one. */
export function addToSeries(
  series: Series,
  time_ms: number,
  what: 'ok' | 'fail' | 'info' | 'dropped',
  latency_ms?: number,
): void {
  cover(series, Math.floor(time_ms / series.slice_ms));
  const slice = sliceAt(series, Math.floor(time_ms / series.slice_ms));
  slice[what] += 1;
  if (latency_ms !== undefined) addLatency(slice.latencies, latency_ms);
}

export function mergeSeries(a: Series, b: Series): Series {
  const merged = startSeries();
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
  const points: SlicePoint[] = [];
  for (let number = series.first; number <= series.last; number += 1) {
    const slice = series.slices.get(number);
    points.push({
      at_ms: number * series.slice_ms,
      ok: slice?.ok ?? 0,
      fail: slice?.fail ?? 0,
      info: slice?.info ?? 0,
      dropped: slice?.dropped ?? 0,
      p50_ms: slice === undefined ? null : percentileOf(slice.latencies, 50),
      p95_ms: slice === undefined ? null : percentileOf(slice.latencies, 95),
    });
  }
  return points;
}

/** Makes room for a slice, numbered by the present width, widening all until there are few enough. */
function cover(series: Series, number: number): void {
  let covered = number;
  const spanWith = (): number => Math.max(series.last, covered) - Math.min(series.first, covered) + 1;
  while (spanWith() > SLICES_MAX) {
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
  series.slices.set(number, {
    ok: into.ok + slice.ok,
    fail: into.fail + slice.fail,
    info: into.info + slice.info,
    dropped: into.dropped + slice.dropped,
    latencies: mergeLatencies(into.latencies, slice.latencies, DIGITS),
  });
}

function sliceAt(series: Series, number: number): Slice {
  const known = series.slices.get(number);
  if (known !== undefined) return known;
  const slice = { ok: 0, fail: 0, info: 0, dropped: 0, latencies: startLatencies(DIGITS) };
  series.slices.set(number, slice);
  return slice;
}
