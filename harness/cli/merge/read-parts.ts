/** What `muster merge` was given, read and held against each other before anything is written: every mistake is told at once. */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readHistory } from '../../history/read.ts';
import { alignClocks } from '../../judge/align-clocks.ts';
import { decodeMetrics } from '../../judge/encode-metrics.ts';
import { startFeed } from '../../judge/feed.ts';
import { loadRulesOf } from '../../judge/load-metrics.ts';
import { type Metrics, startMetrics } from '../../judge/metrics.ts';
import { startPairing } from '../../judge/pairing.ts';
import { inShardOrder, type NamedSegment, nameOf, refusalsOf, SegmentError } from '../../judge/segment.ts';
import { FILES } from '../../run/folder.ts';
import { readSegment } from '../../run/segment-file.ts';
import { UsageError } from '../exit-codes.ts';

/** One shard. */
export interface Part extends NamedSegment {
  readonly name: string;
  /** What is to be added to its times, for all to count from the same moment. */
  readonly offset_ms: number;
  readonly history: string;
  readonly hasHistory: boolean;
  /** By its own clock; of one that was killed what its history tells. */
  readonly metrics: Metrics | undefined;
}

/** In the order of the shards. Throws one `UsageError` with all that keeps them from being merged. */
export async function readParts(paths: readonly string[]): Promise<readonly Part[]> {
  const problems: string[] = [];
  const named: NamedSegment[] = [];
  for (const path of paths) {
    try {
      const { file, segment } = await readSegment(path);
      named.push({ path: file, segment });
    } catch (error) {
      if (!(error instanceof SegmentError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length === 0) problems.push(...refusalsOf(named));
  if (problems.length > 0) {
    throw new UsageError(`Failed to merge:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  const ordered = inShardOrder(named);
  const offsets = alignClocks(ordered.map(({ segment }) => segment.clock));
  return Promise.all(ordered.map((one, place) => openPart(one, offsets[place] ?? 0)));
}

async function openPart({ path, segment }: NamedSegment, offset_ms: number): Promise<Part> {
  const history = join(dirname(path), FILES.history);
  const hasHistory = await access(history).then(
    () => true,
    () => false,
  );
  const { metrics, shard } = segment;
  return {
    path,
    segment,
    name: nameOf(shard),
    offset_ms,
    history,
    hasHistory,
    metrics: metrics === null ? countHistory(segment, hasHistory ? history : undefined) : decodeMetrics(metrics),
  };
}

function countHistory({ plan }: NamedSegment['segment'], history: string | undefined): Metrics | undefined {
  if (history === undefined || plan.load.checks !== 'on') return undefined;
  const metrics = startMetrics(loadRulesOf(plan));
  const [pair, feed] = [startPairing(), startFeed(metrics, plan.load)];
  for (const event of readHistory(history)) if (event.scenario !== '') feed(event, pair(event));
  return metrics;
}
