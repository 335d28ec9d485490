/**
 * Holds the pieces of one answer back until their time has come, in the order in which they came. The delay is asked for
 * anew at every turn, so that healing lets everything go at once; a piece leaves exactly once or, after `drop`, never.
 */

export interface DelayLine<T> {
  /** Delivers at once where nothing is held and the delay is 0. Returns whether the piece was held. */
  push(piece: T, bytes: number): boolean;
  /** Call when the delay may have changed. */
  pump(): void;
  held_bytes(): number;
  drop(): void;
}

export function openDelayLine<T>(delay_ms: () => number, deliver: (piece: T) => void): DelayLine<T> {
  const waiting: { readonly piece: T; readonly bytes: number; readonly came_ms: number }[] = [];
  let held_bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  const pump = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const early_ms = next.came_ms + delay_ms() - performance.now();
      if (early_ms > 0) {
        timer = setTimeout(pump, Math.ceil(early_ms));
        return;
      }
      waiting.shift();
      held_bytes -= next.bytes;
      // Delivering may end in `drop`: nothing may be remembered across this call.
      deliver(next.piece);
    }
  };

  return {
    push(piece, bytes) {
      if (waiting.length === 0 && delay_ms() === 0) {
        deliver(piece);
        return false;
      }
      waiting.push({ piece, bytes, came_ms: performance.now() });
      held_bytes += bytes;
      if (timer === undefined) pump();
      return true;
    },
    pump,
    held_bytes: () => held_bytes,
    drop() {
      clearTimeout(timer);
      timer = undefined;
      waiting.length = 0;
      held_bytes = 0;
    },
  };
}
