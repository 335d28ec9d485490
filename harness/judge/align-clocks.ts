/**
 * Puts the times of several runs on one clock. On one machine the clock since boot is exact, also where somebody set the one on the
 * wall meanwhile; between machines there is only the one on the wall, and it is as exact as they keep it.
 */
import type { SegmentClock } from './segment.ts';

/** What is to be added to the times of each, in milliseconds, so that they count from the first of them; never negative. */
export function alignClocks(clocks: readonly SegmentClock[]): readonly number[] {
  const anchors = new Map<string, SegmentClock>();
  const walls_ms = clocks.map((clock) => {
    const { wall_ms, boot } = clock;
    if (boot === null) return wall_ms;
    const anchor = anchors.get(boot.id) ?? clock;
    anchors.set(boot.id, anchor);
    return anchor.wall_ms + boot.at_ms - (anchor.boot?.at_ms ?? boot.at_ms);
  });
  const first_ms = walls_ms.reduce((least, wall_ms) => Math.min(least, wall_ms), Number.POSITIVE_INFINITY);
  return walls_ms.map((wall_ms) => Math.round((wall_ms - first_ms) * 1000) / 1000);
}
