/**
 * Holds the pieces of one answer back until their time has come, in the order in which they came. The pace is asked for
 * anew at every turn, so that healing lets everything go at once; a byte leaves exactly once or, after `drop`, never.
 */
import type { Pacing } from './pace.ts';
import type { Piece } from './piece.ts';

export interface Line {
  /** Delivers at once where nothing is held and nothing is to be. `hold_ms` is for this piece alone. Returns whether it was held. */
  push(piece: Piece, hold_ms?: () => number): boolean;
  /** Call when the pace may have changed. */
  pump(): void;
  held_bytes(): number;
  isHolding(): boolean;
  drop(): void;
}

interface Waiting {
  piece: Piece;
  readonly came_ms: number;
  readonly hold_ms: (() => number) | undefined;
}

const TIMER_MS_MAX = 2_147_483_647;

export function openLine(pacing: () => Pacing | undefined, deliver: (piece: Piece) => void): Line {
  const waiting: Waiting[] = [];
  let held_bytes = 0;
  let free_ms = 0;
  let timer: NodeJS.Timeout | undefined;

  const wait_ms = ({ piece, came_ms, hold_ms }: Waiting, pace: Pacing | undefined, now_ms: number): number => {
    const own_ms = came_ms + (hold_ms?.() ?? 0);
    if (pace === undefined) return own_ms - now_ms;
    if (pace.standsStill) return Number.POSITIVE_INFINITY;
    const end_ms = piece.kind === 'end' || piece.kind === 'lost' ? pace.end_ms : 0;
    return Math.max(own_ms + pace.hold_ms + end_ms, free_ms) - now_ms;
  };
  /** Takes from the front what may leave at once. */
  const takeFirst = (next: Waiting, pace: Pacing | undefined, now_ms: number): Piece => {
    const { piece } = next;
    if (piece.kind !== 'bytes') {
      waiting.shift();
      return piece;
    }
    const { chunk } = piece;
    const bytes = Math.min(chunk.length, pace?.slice_bytes ?? chunk.length);
    if (bytes < chunk.length) next.piece = { kind: 'bytes', chunk: chunk.subarray(bytes) };
    else waiting.shift();
    held_bytes -= bytes;
    if (pace !== undefined) free_ms = Math.max(free_ms, now_ms) + (bytes * 1000) / pace.bytes_per_s + pace.gap_ms;
    return bytes < chunk.length ? { kind: 'bytes', chunk: chunk.subarray(0, bytes) } : piece;
  };
  const pump = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const pace = pacing();
      const now_ms = performance.now();
      const early_ms = wait_ms(next, pace, now_ms);
      if (early_ms > 0) {
        if (early_ms < TIMER_MS_MAX) timer = setTimeout(pump, Math.ceil(early_ms));
        return;
      }
      // Delivering may end in `drop`: nothing may be remembered across this call.
      deliver(takeFirst(next, pace, now_ms));
    }
  };

  return {
    push(piece, hold_ms) {
      if (waiting.length === 0 && hold_ms === undefined && pacing() === undefined) {
        deliver(piece);
        return false;
      }
      waiting.push({ piece, came_ms: performance.now(), hold_ms });
      if (piece.kind === 'bytes') held_bytes += piece.chunk.length;
      if (timer === undefined) pump();
      return true;
    },
    pump,
    held_bytes: () => held_bytes,
    isHolding: () => waiting.length > 0,
    drop() {
      clearTimeout(timer);
      timer = undefined;
      waiting.length = 0;
      held_bytes = 0;
    },
  };
}
