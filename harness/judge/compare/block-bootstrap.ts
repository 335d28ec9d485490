/**
 * How far a number of one run would be from itself if the run were made again, as far as one run can tell. Seconds that follow each
 * other are alike, so they are drawn in blocks; seconds drawn one by one would make every difference look certain.
 * Sources: Künsch 1989 (blocks), Politis and Romano 1992 (round a circle, so that every second is drawn as often).
 */
import { sampleVariance } from 'simple-statistics';
import type { Random } from '../../model/scenario.ts';

export const DRAWS = 200;

/** So many seconds of a block: it grows with the cube root of the run, and suits seconds that are much like the one before (correlated by 0.8). */
export const blockLength = (seconds: number): number => Math.max(1, Math.round(2.5 * Math.cbrt(seconds)));

export interface Spread {
  readonly variance: number;
  /** Blocks that fit into the run. */
  readonly blocks: number;
}

/**
 * `statistic`: of the run, with each second counted as often as its weight says. Nothing where too many draws have no value.
 */
export function blockBootstrap(
  seconds: number,
  statistic: (weights: readonly number[]) => number | null,
  random: Random,
): Spread | undefined {
  const length = blockLength(seconds);
  const blocks = seconds / length;
  const values: number[] = [];
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const weights = new Array<number>(seconds).fill(0);
    for (let drawn = 0; drawn < seconds; drawn += length) {
      const begin = random.between(0, seconds - 1);
      for (let place = begin; place < begin + Math.min(length, seconds - drawn); place += 1) {
        weights[place % seconds] = (weights[place % seconds] ?? 0) + 1;
      }
    }
    const value = statistic(weights);
    if (value !== null && Number.isFinite(value)) values.push(value);
  }
  if (values.length < DRAWS / 2) return undefined;
  // So few blocks spread less than what they were drawn from.
  return { variance: (sampleVariance(values) * blocks) / Math.max(1, blocks - 1), blocks };
}
