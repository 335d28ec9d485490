/**
 * From what was estimated of each metric to what is said of it, and of all together. A difference is told only when chance would hardly
 * make it, all metrics considered, and when it is large enough for somebody to care. That there is none is told only when it would have
 * been seen.
 */
import type { ComparisonPolicy, Judgement, MetricComparison } from '../../model/comparison.ts';
import type { Estimate } from './signed-rank.ts';

export const COMPARISON_POLICY: ComparisonPolicy = {
  error_max: 0.05,
  floor_percent: 5,
  floor_points: 0.5,
  seen_percent: 20,
  seen_points: 2,
};

/** What is known of a metric before it is held against the others. `estimate`: of logarithms of ratios, or of differences of fractions. */
export interface Estimated {
  readonly metric: ComparedMetric;
  readonly a: number | null;
  readonly b: number | null;
  readonly samples: { readonly a: number; readonly b: number };
  readonly parts: number;
  readonly estimate: Estimate | string;
}

export interface ComparedMetric {
  readonly name: string;
  readonly unit: MetricComparison['unit'];
  readonly goodIs: 'low' | 'high';
  /** Whoever cannot tell of it cannot call two runs the same. */
  readonly isDecisive: boolean;
}

export function judgeMetrics(all: readonly Estimated[], policy: ComparisonPolicy): readonly MetricComparison[] {
  const adjusted = holm(all.map(({ estimate }) => (typeof estimate === 'string' ? null : estimate.p)));
  return all.map(({ metric, estimate, ...told }, place): MetricComparison => {
    const of = { metric: metric.name, unit: metric.unit, ...told, effect_in: effectIn(metric) };
    if (typeof estimate === 'string') {
      const nothing = { effect: null, low: null, high: null, p: null, p_adjusted: null };
      return { ...of, ...nothing, judgement: 'cannot tell', why: estimate };
    }
    const [effect, low, high] = [estimate.effect, estimate.low, estimate.high].map((value) => shown(value, metric));
    const p_adjusted = adjusted[place] ?? 1;
    const numbers = { effect: effect ?? 0, low: low ?? 0, high: high ?? 0 };
    const judgement = judgeOne(numbers, p_adjusted, metric, policy);
    const why = `it could be from ${tell(numbers.low)} to ${tell(numbers.high)}; measure for longer`;
    return { ...of, ...numbers, p: estimate.p, p_adjusted, judgement, ...(judgement === 'cannot tell' ? { why } : {}) };
  });
}

/** Worse beats better; the same only where each decisive metric is. */
export function judgeAll(metrics: readonly MetricComparison[], known: readonly ComparedMetric[]): Judgement {
  const has = (judgement: Judgement): boolean => metrics.some((one) => one.judgement === judgement);
  if (has('worse')) return 'worse';
  if (has('better')) return 'better';
  const decisive = metrics.filter(({ metric }) => known.some(({ name, isDecisive }) => name === metric && isDecisive));
  const isTold = decisive.length > 0 && decisive.every(({ judgement }) => judgement === 'same');
  return isTold ? 'same' : 'cannot tell';
}

function judgeOne(
  { effect, low, high }: { readonly effect: number; readonly low: number; readonly high: number },
  p_adjusted: number,
  metric: ComparedMetric,
  policy: ComparisonPolicy,
): Judgement {
  const [floor, seen] =
    effectIn(metric) === 'percent'
      ? [policy.floor_percent, policy.seen_percent]
      : [policy.floor_points, policy.seen_points];
  if (p_adjusted < policy.error_max && Math.abs(effect) >= floor) {
    return effect > 0 === (metric.goodIs === 'high') ? 'better' : 'worse';
  }
  return low > -seen && high < seen ? 'same' : 'cannot tell';
}

/** Holm 1979: as many times the smallest p as there are, one time fewer the next, and never less than one before it. */
export function holm(all: readonly (number | null)[]): readonly (number | null)[] {
  const ordered = all
    .flatMap((p, place) => (p === null ? [] : [{ p, place }]))
    .toSorted((one, other) => one.p - other.p);
  const adjusted: (number | null)[] = all.map(() => null);
  let least = 0;
  for (const [rank, { p, place }] of ordered.entries()) {
    least = Math.min(1, Math.max(least, p * (ordered.length - rank)));
    adjusted[place] = least;
  }
  return adjusted;
}

const effectIn = ({ unit }: ComparedMetric): MetricComparison['effect_in'] =>
  unit === 'fraction' ? 'points' : 'percent';

const shown = (value: number, metric: ComparedMetric): number =>
  round(100 * (effectIn(metric) === 'percent' ? Math.expm1(value) : value));

const round = (value: number): number => (Number.isFinite(value) ? Math.round(value * 100) / 100 : value);
const tell = (value: number): string => `${value > 0 ? '+' : ''}${round(value)}`;
