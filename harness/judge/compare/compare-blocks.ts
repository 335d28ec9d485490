/**
 * Two agents that were loaded in turn, block by block, with the same arrivals: what happens to the machine happens to both, and what is
 * left is the difference between them. Nothing is called worse or better before a second pass has said so, too.
 */
import type { ComparisonPolicy, MetricComparison } from '../../model/comparison.ts';
import { type Estimated, judgeAll, judgeMetrics } from './judge-metrics.ts';
import { addParts, COMPARED, type Compared, type LoadPart, readOf, samplesOf, scaled } from './parts.ts';
import { signedRank } from './signed-rank.ts';

export interface BlockPair {
  readonly a: LoadPart;
  readonly b: LoadPart;
}

/** With fewer, no difference could ever be significant. */
export const PAIRS_MIN = 6;

export function compareBlocks(pairs: readonly BlockPair[], policy: ComparisonPolicy): readonly MetricComparison[] {
  const [a, b] = [pairs.map((pair) => pair.a), pairs.map((pair) => pair.b)];
  const wholes = { a: addParts(a), b: addParts(b) };
  const told = COMPARED.filter((metric) => samplesOf(metric, [wholes.a, wholes.b]) > 0);
  return judgeMetrics(
    told.map((metric) => estimate(metric, [a, b], wholes)),
    policy,
  );
}

/** Whether the first pass has settled it; otherwise a second is needed. */
export const isSettled = (first: readonly MetricComparison[]): boolean => judgeAll(first, COMPARED) === 'same';

/** Both passes together; what the second alone does not bear out is not told as a difference. */
export function comparePasses(
  first: readonly BlockPair[],
  second: readonly BlockPair[],
  policy: ComparisonPolicy,
): readonly MetricComparison[] {
  const again = new Map(compareBlocks(second, policy).map((one) => [one.metric, one]));
  return compareBlocks([...first, ...second], policy).map((one): MetricComparison => {
    if (one.judgement !== 'worse' && one.judgement !== 'better') return one;
    const { p, effect } = again.get(one.metric) ?? { p: null, effect: null };
    const isConfirmed = p !== null && p < policy.error_max && Math.sign(effect ?? 0) === Math.sign(one.effect ?? 0);
    if (isConfirmed) return one;
    return {
      ...one,
      judgement: 'cannot tell',
      why: `it seemed ${one.judgement}, and the second pass did not confirm it`,
    };
  });
}

/** Of one metric; `wholes` are all parts of each side together. */
function estimate(
  metric: Compared,
  [a, b]: readonly [readonly LoadPart[], readonly LoadPart[]],
  wholes: { readonly a: LoadPart; readonly b: LoadPart },
): Estimated {
  const values = (parts: readonly LoadPart[]) => parts.map((part) => scaled(metric, readOf(metric, part)));
  const [ofA, ofB] = [values(a), values(b)];
  const differences = ofA.flatMap((from, place) => {
    const to = ofB[place] ?? null;
    return from === null || to === null ? [] : [to - from];
  });
  const told = {
    metric,
    a: readOf(metric, wholes.a),
    b: readOf(metric, wholes.b),
    samples: { a: samplesOf(metric, [wholes.a]), b: samplesOf(metric, [wholes.b]) },
    parts: differences.length,
  };
  if (differences.length >= PAIRS_MIN) return { ...told, estimate: signedRank(differences) };
  const why = `${differences.length} of ${a.length} pairs of blocks have samples enough, and ${PAIRS_MIN} are needed`;
  return { ...told, estimate: `${why}; ask for longer blocks (--block) or a higher rate` };
}
