/**
 * Whether paired differences lie on one side of zero, by Wilcoxon's signed ranks: it asks nothing of how they are distributed, and one
 * block that went wrong moves it little. Where a coin decided which of a pair came first, as here, it is exact.
 * Source: Hollander, Wolfe, Chicken, Nonparametric Statistical Methods, 3rd edition, sections 3.1 to 3.3.
 */
import { medianSorted } from 'simple-statistics';

export interface Estimate {
  readonly effect: number;
  /** With 95 % confidence, or as near to it as so few pairs allow. */
  readonly low: number;
  readonly high: number;
  /** Two-sided. */
  readonly p: number;
}

const TAIL = 0.025;

/** The estimate is that of Hodges and Lehmann: the median of the means of all pairs of differences. Needs one difference at least. */
export function signedRank(differences: readonly number[]): Estimate {
  const means = walshAverages(differences);
  const cut = lowerTail(differences.length);
  return {
    effect: medianSorted(means),
    low: means[cut] ?? Number.NEGATIVE_INFINITY,
    high: means[means.length - 1 - cut] ?? Number.POSITIVE_INFINITY,
    p: probability(differences.filter((difference) => difference !== 0)),
  };
}

function walshAverages(differences: readonly number[]): number[] {
  const means: number[] = [];
  for (const [place, one] of differences.entries()) {
    for (const other of differences.slice(place)) means.push((one + other) / 2);
  }
  return means.sort((a, b) => a - b);
}

/** How many of the smallest means lie outside the interval; at the most as many as the tail allows. */
function lowerTail(pairs: number): number {
  const ways = waysToSum(Array.from({ length: pairs }, (_, place) => place + 1));
  const all = 2 ** pairs;
  let cut = 0;
  for (let below = 0; cut < ways.length; cut += 1) {
    below += ways[cut] ?? 0;
    if (below / all > TAIL) break;
  }
  return cut;
}

/** Ranks that are tied share their mean, and the distribution is that of just these ranks. */
function probability(differences: readonly number[]): number {
  if (differences.length === 0) return 1;
  const sizes = differences.map(Math.abs);
  const ordered = sizes.toSorted((a, b) => a - b);
  // Twice the mean rank is a whole number.
  const ranks = sizes.map((size) => ordered.indexOf(size) + ordered.lastIndexOf(size) + 2);
  const sum = ranks.reduce((all, rank, place) => ((differences[place] ?? 0) > 0 ? all + rank : all), 0);
  const ways = waysToSum(ranks);
  const extreme = Math.min(sum, ways.length - 1 - sum);
  const below = ways.slice(0, extreme + 1).reduce((all, count) => all + count, 0);
  return Math.min(1, (2 * below) / 2 ** differences.length);
}

/** By sum: how many of all choices of signs give the positive ranks that sum. */
function waysToSum(ranks: readonly number[]): readonly number[] {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const ways = new Array<number>(total + 1).fill(0);
  ways[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= rank; sum -= 1) ways[sum] = (ways[sum] ?? 0) + (ways[sum - rank] ?? 0);
  }
  return ways;
}
