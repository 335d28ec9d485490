/**
 * Student's t by way of the normal distribution, within 0.002 of the true probability from three degrees of freedom on.
 * Source: Wallace 1959, Bounds on normal approximations to Student's and the chi-square distributions.
 */
import { errorFunction } from 'simple-statistics';

const NORMAL_95 = 1.959964;

const stretch = (degrees: number): number => (8 * degrees + 1) / (8 * degrees + 3);

/** Two-sided. */
export function probabilityOfT(t: number, degrees: number): number {
  const z = stretch(degrees) * Math.sqrt(degrees * Math.log1p((t * t) / degrees));
  return Math.max(0, Math.min(1, 1 - errorFunction(z / Math.SQRT2)));
}

/** The t between which and its negative lie 95 %. */
export function t95(degrees: number): number {
  const z = NORMAL_95 / stretch(degrees);
  return Math.sqrt(degrees * Math.expm1((z * z) / degrees));
}
