/** Whether a series of measures rises, told by what single outliers and an uneven machine do not change. */

/** The median of the slopes between all pairs of points (Theil 1950, Sen 1968); 0 for fewer than two. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes = points.flatMap(([x, y], index) =>
    points.slice(index + 1).flatMap(([later, above]) => (later === x ? [] : [(above - y) / (later - x)])),
  );
  return medianOf(slopes) ?? 0;
}

/** How much of its order is rising (Kendall 1938): 1 when each is above all before it, -1 when each is below. */
export function risingIn(values: readonly number[]): number {
  const pairs = values.flatMap((value, index) => values.slice(index + 1).map((later) => Math.sign(later - value)));
  return pairs.length === 0 ? 0 : pairs.reduce((sum, sign) => sum + sign, 0) / pairs.length;
}

export function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
