/**
 * Two runs, one after the other or on two machines. Their seconds say how much each of them varies within itself; what else was
 * different on another day nobody can know from two runs, which is why loads are better compared in turn.
 */
import type { ComparisonPolicy, MetricComparison } from '../../model/comparison.ts';
import type { Random } from '../../model/scenario.ts';
import type { LoadMetrics } from '../load-metrics.ts';
import { blockBootstrap } from './block-bootstrap.ts';
import { COMPARISON_POLICY, type Estimated, judgeMetrics } from './judge-metrics.ts';
import { COMPARED, type Compared, type LoadPart, samplesOf, scaled, secondParts, statisticOf } from './parts.ts';
import type { Estimate } from './signed-rank.ts';
import { probabilityOfT, t95 } from './student.ts';

/** Two runs differ by more than their seconds tell, so less is told of them than of blocks in turn. */
export const RUNS_POLICY: ComparisonPolicy = { ...COMPARISON_POLICY, floor_percent: 10, floor_points: 1 };

/** Fewer seconds make no blocks that could differ. */
export const SECONDS_MIN = 10;

/** `random`: of a seed that does not change, so that the same files always say the same. */
export function compareRuns(
  a: LoadMetrics,
  b: LoadMetrics,
  policy: ComparisonPolicy,
  random: (name: string) => Random,
): readonly MetricComparison[] {
  const [ofA, ofB] = [secondParts(a), secondParts(b)];
  const told = COMPARED.filter((metric) => samplesOf(metric, ofA) + samplesOf(metric, ofB) > 0);
  return judgeMetrics(
    told.map((metric) => estimate(metric, ofA, ofB, random)),
    policy,
  );
}

function estimate(
  metric: Compared,
  a: readonly LoadPart[],
  b: readonly LoadPart[],
  random: (name: string) => Random,
): Estimated {
  const whole = (parts: readonly LoadPart[]) => statisticOf(metric, parts)(parts.map(() => 1));
  const [ofA, ofB] = [whole(a), whole(b)];
  const told = {
    metric,
    a: ofA,
    b: ofB,
    samples: { a: samplesOf(metric, a), b: samplesOf(metric, b) },
    parts: Math.min(a.length, b.length),
  };
  if (told.parts < SECONDS_MIN) {
    return {
      ...told,
      estimate: `one of them has ${told.parts} whole seconds after its first, and ${SECONDS_MIN} are needed`,
    };
  }
  const [from, to] = [scaled(metric, ofA), scaled(metric, ofB)];
  if (from === null || to === null) return { ...told, estimate: 'too few samples in one of them' };
  const [spreadA, spreadB] = [a, b].map((parts, side) => {
    const statistic = statisticOf(metric, parts);
    return blockBootstrap(
      parts.length,
      (weights) => scaled(metric, statistic(weights)),
      random(`${metric.name}/${side}`),
    );
  });
  if (spreadA === undefined || spreadB === undefined) return { ...told, estimate: 'too few samples in one of them' };
  const degrees = Math.max(1, spreadA.blocks + spreadB.blocks - 2);
  return { ...told, estimate: byT(to - from, Math.sqrt(spreadA.variance + spreadB.variance), degrees) };
}

function byT(effect: number, error: number, degrees: number): Estimate {
  if (error === 0) return { effect, low: effect, high: effect, p: effect === 0 ? 1 : 0 };
  const half = t95(degrees) * error;
  return { effect, low: effect - half, high: effect + half, p: probabilityOfT(effect / error, degrees) };
}
