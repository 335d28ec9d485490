/** `muster compare`: two loads that were run, held against each other by their segments; nothing is run. */
import { renderComparison } from '../../reports/comparison/comparison.ts';
import { compareRuns, RUNS_POLICY } from '../judge/compare/compare-runs.ts';
import { toComparison } from '../judge/compare/to-comparison.ts';
import { decodeMetrics, MetricsError } from '../judge/encode-metrics.ts';
import type { LoadMetrics } from '../judge/load-metrics.ts';
import { type Segment, SegmentError } from '../judge/segment.ts';
import type { ComparedSide, ComparisonPolicy } from '../model/comparison.ts';
import type { LoadPlan } from '../model/load.ts';
import { forkRandom } from '../plan/random.ts';
import { readSegment } from '../run/segment-file.ts';
import { UsageError } from './exit-codes.ts';

export const COMPARE_OPTIONS = {
  json: { type: 'boolean', default: false, describe: 'for programs' },
  floor: { type: 'number', describe: 'differences below so many percent are none; 10 unless given' },
  'seen-from': {
    type: 'number',
    describe: 'the same are only those of whom a difference of so many percent would have been seen; 20 unless given',
  },
} as const;

export interface CompareArguments {
  readonly a: string;
  readonly b: string;
  readonly json: boolean;
  readonly floor?: number | undefined;
  readonly seenFrom?: number | undefined;
}

/** The same files always say the same. */
const SEED = 1;

export async function compare({ a, b, json, floor, seenFrom }: CompareArguments): Promise<number> {
  const problems: string[] = [];
  const policy = policyOf(floor, seenFrom, problems);
  const [one, other] = [await readSide(a, problems), await readSide(b, problems)];
  if (one === undefined || other === undefined || problems.length > 0) {
    throw new UsageError(`Failed to compare:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  const comparison = toComparison({
    how: 'runs',
    a: one.side,
    b: other.side,
    metrics: compareRuns(one.load, other.load, policy, (name) => forkRandom(SEED, 'compare', name)),
    notes: notesOn(one.segment, other.segment),
    policy,
    isUnconfirmed: false,
  });
  process.stdout.write(json ? `${JSON.stringify(comparison, null, 2)}\n` : `${renderComparison(comparison)}\n`);
  return comparison.exit_code;
}

function policyOf(floor: number | undefined, seenFrom: number | undefined, problems: string[]): ComparisonPolicy {
  const floor_percent = floor ?? RUNS_POLICY.floor_percent;
  const seen_percent = seenFrom ?? RUNS_POLICY.seen_percent;
  if (!(floor_percent >= 0)) problems.push(`--floor: ${floor} is no percentage from 0 on`);
  if (!(seen_percent > floor_percent)) {
    problems.push(`--seen-from: ${seen_percent} is not more than the floor of ${floor_percent} percent`);
  }
  return { ...RUNS_POLICY, floor_percent, seen_percent };
}

interface ReadSide {
  readonly side: ComparedSide;
  readonly segment: Segment;
  readonly load: LoadMetrics;
}

/** A report lies beside the segment of its run. */
async function readSide(path: string, problems: string[]): Promise<ReadSide | undefined> {
  try {
    const { segment } = await readSegment(path.replace(/\breport\.(json|html)$/, 'segment.json'));
    const load = segment.metrics === null ? null : decodeMetrics(segment.metrics).load;
    if (load === null) {
      problems.push(
        `${path} has measured nothing: its load was killed. Run it again, or merge it with its other shards`,
      );
      return undefined;
    }
    const side = { name: path, machine: segment.clock.boot?.id ?? null, plan_hash: segment.plan_hash };
    return { side, segment, load };
  } catch (error) {
    if (!(error instanceof SegmentError || error instanceof MetricsError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

/** What makes a comparison doubtful and does not forbid it. */
function notesOn(a: Segment, b: Segment): readonly string[] {
  const [from, to] = [a.clock.boot?.id, b.clock.boot?.id];
  return [
    ...(from !== undefined && from === to ? [] : ['They ran on two machines, or one that was booted between them']),
    ...differing(a.plan.load, b.plan.load).map((what) => `Their plans differ in ${what}`),
    ...[a, b].flatMap(({ ended, shard, plan }, place) => {
      const name = place === 0 ? 'A' : 'B';
      return [
        ...(ended === 'finished' ? [] : [`${name} did not finish: ${ended}`]),
        ...(shard.of === 1 || plan.load.shard === undefined
          ? []
          : [`${name} is only shard ${shard.index} of ${shard.of}`]),
      ];
    }),
  ];
}

/** Of what makes a load another load. */
function differing(a: LoadPlan, b: LoadPlan): readonly string[] {
  const parts = ['engine', 'demand', 'mix', 'checks', 'workers', 'objective_ms', 'stall_ms', 'discard_ms'] as const;
  return parts.filter((part) => JSON.stringify(a[part]) !== JSON.stringify(b[part]));
}
