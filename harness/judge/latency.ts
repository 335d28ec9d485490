/**
 * Latencies as HDR histograms of whole microseconds. Merging must be exact and associative, so the largest value is
 * kept beside the histogram: hdr-histogram-js rounds it down when it adds histograms of different size.
 */
import { build, type Histogram } from 'hdr-histogram-js';
import type { Latency } from '../model/record.ts';

export interface Latencies {
  readonly histogram: Histogram;
  max_us: number;
}

/**
 * Fewer samples than these say nothing about the percentile. With fewer than 20 the p95, and with fewer than 100 the
 * p99, would just be the largest value under another name; five samples enclose the true median 15 times in 16.
 */
export const SAMPLES_MIN = { 50: 5, 95: 20, 99: 100 } as const;

export type Percentile = keyof typeof SAMPLES_MIN;

/** `digits`: significant decimal digits; 3 is within 0.1 %, 2 takes an eighth of the memory. */
export function startLatencies(digits: 2 | 3 = 3): Latencies {
  const histogram = build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: digits,
    useWebAssembly: false,
  });
  return { histogram, max_us: 0 };
}

/** Rounding of the two times may make a duration slightly negative; it counts as zero. */
export function addLatency(latencies: Latencies, duration_ms: number): void {
  const duration_us = Math.max(0, Math.round(duration_ms * 1000));
  latencies.histogram.recordValue(duration_us);
  latencies.max_us = Math.max(latencies.max_us, duration_us);
}

export function mergeLatencies(a: Latencies, b: Latencies, digits: 2 | 3 = 3): Latencies {
  const merged = startLatencies(digits);
  merged.histogram.add(a.histogram);
  merged.histogram.add(b.histogram);
  merged.max_us = Math.max(a.max_us, b.max_us);
  return merged;
}

/** In milliseconds; null with too few samples to mean anything. */
export function percentileOf({ histogram, max_us }: Latencies, percentile: Percentile): number | null {
  if (histogram.totalCount < SAMPLES_MIN[percentile]) return null;
  return Math.min(histogram.getValueAtPercentile(percentile), max_us) / 1000;
}

/** In milliseconds; null without a sample. */
export function maxOf({ histogram, max_us }: Latencies): number | null {
  return histogram.totalCount === 0 ? null : max_us / 1000;
}

export function toLatency(latencies: Latencies): Latency {
  return {
    count: latencies.histogram.totalCount,
    p50: percentileOf(latencies, 50),
    p95: percentileOf(latencies, 95),
    p99: percentileOf(latencies, 99),
    max: maxOf(latencies),
  };
}
