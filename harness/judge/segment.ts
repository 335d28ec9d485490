/**
 * A segment is what a run of a load leaves for whoever adds it to others: its numbers as they can be added, its place in the whole,
 * and how it ended. Shards are added only when they are all there, once each, and of one plan; a shard that did not finish is added
 * with the doubt that it brings, since a whole with a hole in it must never be green.
 */
import type { VitalsEvent } from '../model/history.ts';
import type { LoadPlan, Shard } from '../model/load.ts';
import type { Plan } from '../model/plan.ts';
import type { EncodedMetrics } from './encode-metrics.ts';

export const SEGMENT_SCHEMA = 'muster.segment/1';

/** Thrown for what is no segment, or none that can be added to the others. The message has a line for each reason. */
export class SegmentError extends Error {
  override readonly name = 'SegmentError';
}

export interface SegmentClock {
  /** At time 0 of its history: milliseconds since 1970 by the clock on the wall. */
  readonly wall_ms: number;
  /** The same moment by the clock of the machine since it was booted, by which all that runs on it can be put in order; null where there is none. */
  readonly boot: { readonly id: string; readonly at_ms: number } | null;
}

export interface Segment {
  readonly schema: typeof SEGMENT_SCHEMA;
  readonly muster: string;
  /** Of the whole plan, without its shard. */
  readonly plan_hash: string;
  readonly plan: Plan & { readonly load: LoadPlan };
  /** 1 of 1 where it is the whole. */
  readonly shard: Shard;
  readonly clock: SegmentClock;
  /** `running` is what a run leaves that was killed. */
  readonly ended: 'running' | 'finished' | 'interrupted' | 'crashed';
  readonly message?: string;
  /** Of its history, which may hold only some of its users. */
  readonly events: number;
  /** Null while it is running. */
  readonly metrics: EncodedMetrics | null;
  /** Of how many shards it was merged: its numbers are then counted from when each of them began, and not from its history. */
  readonly merged_from?: number;
  readonly vitals: readonly VitalsEvent[];
}

/** `path` names it in the sentences. */
export interface NamedSegment {
  readonly path: string;
  readonly segment: Segment;
}

/** Throws `SegmentError` for text that is no segment of this version. */
export function parseSegment(text: string, path: string): Segment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SegmentError(
      `${path} is no whole segment: it is not JSON${text.trim() === '' ? ', but empty' : ', so it was probably cut short'}. Copy it again, or run its shard again.`,
    );
  }
  const { schema, plan_hash, plan, shard, clock } = (value ?? {}) as Partial<Segment>;
  if (schema !== SEGMENT_SCHEMA) {
    throw new SegmentError(
      `${path} is no segment that can be read: its schema is ${JSON.stringify(schema) ?? 'missing'}, and this muster reads ${SEGMENT_SCHEMA}. Use the muster that wrote it.`,
    );
  }
  if (plan_hash === undefined || plan?.load === undefined || shard === undefined || clock === undefined) {
    throw new SegmentError(
      `${path} is damaged: it tells no plan, shard or clock. Copy it again, or run its shard again.`,
    );
  }
  return value as Segment;
}

/** Why these are not the shards of one load; a sentence each, and none where they are. */
export function refusalsOf(segments: readonly NamedSegment[]): readonly string[] {
  const [first, ...others] = segments;
  if (first === undefined) return ['There is no segment to merge: name the run folders of all shards of one load.'];
  const strange = others.flatMap((other) => {
    const why = differenceOf(first.segment, other.segment);
    return why === undefined ? [] : [`${other.path} is no shard of the load of ${first.path}: ${why}.`];
  });
  return strange.length > 0 ? strange : [...notWhole(segments), ...ofManyAgents(first.segment)];
}

function differenceOf(a: Segment, b: Segment): string | undefined {
  if (a.muster !== b.muster)
    return `the one is of muster ${a.muster}, the other of ${b.muster}, and they may count differently`;
  if (a.plan_hash !== b.plan_hash) {
    return `it is of another plan (${b.plan_hash.slice(0, 12)}, not ${a.plan_hash.slice(0, 12)}). Shards are made by the same flags, seed included, but for --shard`;
  }
  if (a.shard.of === b.shard.of) return undefined;
  return `it is shard ${b.shard.index} of ${b.shard.of}, and not one of ${a.shard.of}`;
}

function notWhole(segments: readonly NamedSegment[]): string[] {
  const { of } = segments[0]?.segment.shard ?? { of: 0 };
  const byIndex = Map.groupBy(segments, ({ segment }) => segment.shard.index);
  const missing = Array.from({ length: of }, (_, place) => place + 1).filter((index) => !byIndex.has(index));
  const doubled = [...byIndex].filter(([, same]) => same.length > 1).sort(([a], [b]) => a - b);
  return [
    ...(missing.length === 0
      ? []
      : [
          `${missing.length === 1 ? 'Shard' : 'Shards'} ${missing.join(', ')} of ${of} ${missing.length === 1 ? 'is' : 'are'} missing. Give the run folder, also one that was cut off: without it nothing can be said of the whole.`,
        ]),
    ...doubled.map(
      ([index, same]) =>
        `Shard ${index} of ${of} is there ${same.length} times: ${same.map(({ path }) => path).join(', ')}. Give it once.`,
    ),
  ];
}

/** Names of tasks may be the same on two agents, and mean nothing. */
function ofManyAgents({ plan, shard }: Segment): string[] {
  if (shard.of === 1 || plan.target.kind === 'url') return [];
  return [
    `Each of the ${shard.of} shards started an agent of its own (${plan.target.kind}), so together they are no load on one agent. Start the agent apart, and give all shards its --url.`,
  ];
}

/** Why the whole can be no pass; a sentence each. */
export function doubtsOf(segments: readonly NamedSegment[]): readonly string[] {
  return segments.flatMap(({ path, segment: { ended, message, shard } }) => {
    if (ended === 'finished') return [];
    const how = { running: 'was killed', interrupted: 'was interrupted', crashed: 'crashed' }[ended];
    return [
      `${nameOf(shard)} ${how}${message === undefined ? '' : ` (${message})`}: ${path} holds what it had seen by then`,
    ];
  });
}

export const nameOf = ({ index, of }: Shard): string => `shard ${index} of ${of}`;

/** In the order of the shards, whatever the order in which they are named. */
export function inShardOrder<T extends Pick<NamedSegment, 'segment'>>(segments: readonly T[]): readonly T[] {
  return segments.toSorted((a, b) => a.segment.shard.index - b.segment.shard.index);
}
