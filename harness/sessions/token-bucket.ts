/** So many starts per second, and no more than that at once. It has no clock of its own: time is what it is told. */
export interface TokenBucket {
  /** 0 when one was taken, and otherwise after how many milliseconds there will be one. */
  take(now_ms: number): number;
}

export function openTokenBucket(rate_per_s: number, now_ms: number): TokenBucket {
  const capacity = Math.max(1, rate_per_s);
  let tokens = capacity;
  let filled_ms = now_ms;
  return {
    take(at_ms) {
      tokens = Math.min(capacity, tokens + (Math.max(0, at_ms - filled_ms) * rate_per_s) / 1000);
      filled_ms = Math.max(filled_ms, at_ms);
      if (tokens >= 1) {
        tokens -= 1;
        return 0;
      }
      // Rounded up, or whoever waits exactly so long would come a moment early.
      return Math.max(1, Math.ceil(((1 - tokens) * 1000) / rate_per_s));
    },
  };
}
