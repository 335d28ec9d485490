/** The little arithmetic that benchmarks share: medians over rounds, since a mean would tell of the noisiest round. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** Whole numbers with separators, and three digits of anything small. */
export function show(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}

/** `1.00 ×` is as much as the baseline. */
export function showRatio(value: number, baseline: number): string {
  return `${(value / baseline).toFixed(2)} ×`;
}

/** The lowest and the highest round, so that the reader sees how much to trust the median. */
export function showSpread(values: readonly number[]): string {
  return `${show(Math.min(...values))} to ${show(Math.max(...values))}`;
}
