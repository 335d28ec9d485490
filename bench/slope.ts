/** The slope of a line through points, and how sure one may be of it. */
import { linearRegression } from 'simple-statistics';

export interface Slope {
  readonly slope: number;
  /** Of 95 %. */
  readonly low: number;
  readonly high: number;
}

/** Student’s t of 97.5 %, by degrees of freedom from 1. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086,
];
const T_OF_MORE = 2.08;

export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): Slope {
  const { m, b } = linearRegression(points.map(({ x, y }) => [x, y]));
  const free = points.length - 2;
  const mean = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const around = points.reduce((sum, { x }) => sum + (x - mean) ** 2, 0);
  const left = points.reduce((sum, { x, y }) => sum + (y - m * x - b) ** 2, 0);
  const error = (T[free - 1] ?? T_OF_MORE) * Math.sqrt(left / free / around);
  return { slope: m, low: m - error, high: m + error };
}
