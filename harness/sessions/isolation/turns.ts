/** So many at a time, in the order in which they came. Who goes away while he waits holds nobody up. */

export interface Turns {
  /** Resolves when it is the caller's turn, with what ends it; ending it twice is harmless. Throws the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function openTurns(at_once: number): Turns {
  const waiting: (() => void)[] = [];
  let free = at_once;

  const next = (): void => {
    const first = waiting.shift();
    if (first === undefined) free += 1;
    else first();
  };
  const ending = (): (() => void) => {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      next();
    };
  };

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return ending();
      }
      const turn = Promise.withResolvers<void>();
      const goAway = (): void => {
        const place = waiting.indexOf(turn.resolve);
        // A turn that was given in this very moment is the caller's to end.
        if (place < 0) return;
        waiting.splice(place, 1);
        turn.reject(signal.reason);
      };
      waiting.push(turn.resolve);
      signal.addEventListener('abort', goAway, { once: true });
      try {
        await turn.promise;
      } finally {
        signal.removeEventListener('abort', goAway);
      }
      return ending();
    },
  };
}
