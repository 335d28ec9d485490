/**
 * The segment of a load in its run folder. It is there as soon as the load begins, so that one whose process was killed is known to
 * have been cut off, and when it began.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeMetrics } from '../judge/encode-metrics.ts';
import type { Metrics } from '../judge/metrics.ts';
import { parseSegment, SEGMENT_SCHEMA, type Segment, type SegmentClock, SegmentError } from '../judge/segment.ts';
import type { VitalsEvent } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import { reasonOf } from '../model/reason-of.ts';
import { textOfWhole } from '../plan/whole-plan.ts';
import { FILES } from './folder.ts';

export interface SegmentEnd {
  readonly ended: Segment['ended'];
  readonly message?: string | undefined;
  readonly events: number;
  readonly metrics: Metrics | undefined;
  readonly vitals: readonly VitalsEvent[];
  readonly merged_from?: number;
}

export interface SegmentFile {
  /** Replaces what was written at the beginning. */
  end(how: SegmentEnd): Promise<void>;
}

/** Nothing for a plan that is no load. `started_ms`: of `performance.now()`, when the clock of its history was at 0. */
export async function beginSegment(folder: string, plan: Plan, started_ms: number): Promise<SegmentFile | undefined> {
  if (plan.load === undefined) return undefined;
  const clock = clockAt(started_ms);
  await writeSegment(folder, plan, clock);
  return { end: (how) => writeSegment(folder, plan, clock, how) };
}

/** Moved into place, so that nobody reads half of it. Without `how` it is still running. */
export async function writeSegment(folder: string, plan: Plan, clock: SegmentClock, how?: SegmentEnd): Promise<void> {
  const { load } = plan;
  if (load === undefined) return;
  const { metrics, message, ...end } = how ?? { ended: 'running', events: 0, metrics: undefined, vitals: [] };
  const segment: Segment = {
    schema: SEGMENT_SCHEMA,
    muster: plan.muster,
    plan_hash: hashOfWhole(plan),
    plan: { ...plan, load },
    shard: load.shard ?? { index: 1, of: 1 },
    clock,
    ...end,
    ...(message === undefined ? {} : { message }),
    metrics: metrics === undefined ? null : encodeMetrics(metrics),
  };
  const path = join(folder, FILES.segment);
  await writeFile(`${path}.part`, `${JSON.stringify(segment)}\n`);
  await rename(`${path}.part`, path);
}

export function hashOfWhole(plan: Plan): string {
  return createHash('sha256').update(textOfWhole(plan)).digest('hex');
}

/** A run folder, or a segment's file. Throws `SegmentError` where there is none that can be read. */
export async function readSegment(path: string): Promise<{ readonly file: string; readonly segment: Segment }> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, FILES.segment) : path;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new SegmentError(
      `${file} cannot be read: ${reasonOf(error)}. Give the run folder of a load, or the ${FILES.segment} in it.`,
    );
  });
  const segment = parseSegment(text, file);
  if (hashOfWhole(segment.plan) !== segment.plan_hash) {
    throw new SegmentError(`${file} was changed: its plan is not the one that it was made by. Run its shard again.`);
  }
  return { file, segment };
}

function clockAt(started_ms: number): SegmentClock {
  const id = bootId();
  const at_ms = Number(process.hrtime.bigint()) / 1e6 - (performance.now() - started_ms);
  return { wall_ms: performance.timeOrigin + started_ms, boot: id === undefined ? null : { id, at_ms } };
}

/** Other systems tell none, and then the clock on the wall must do. */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
