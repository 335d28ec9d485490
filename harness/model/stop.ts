/**
 * As much of an AbortSignal as those need who wait: thousands of ops listen for the end of one run, and a real signal looks through all
 * of its listeners whenever one leaves. Whoever stops is told once, and is let go of with the listener.
 */
export interface Stop {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface OpenStop extends Stop {
  /** Tells all who listen, in the order in which they came. */
  stop(): void;
  /** Hears no more of its parent, which then forgets it. */
  close(): void;
}

/** Stops with its parent, or before it. */
export function openStop(parent?: Stop): OpenStop {
  const listeners = new Set<() => void>();
  let aborted = false;
  const stop = (): void => {
    if (aborted) return;
    aborted = true;
    parent?.removeEventListener('abort', stop);
    for (const listener of [...listeners]) listener();
    listeners.clear();
  };
  if (parent?.aborted) aborted = true;
  else parent?.addEventListener('abort', stop, { once: true });
  return {
    get aborted() {
      return aborted;
    },
    addEventListener: (_type, listener) => void listeners.add(listener),
    removeEventListener: (_type, listener) => void listeners.delete(listener),
    stop,
    close: () => parent?.removeEventListener('abort', stop),
  };
}
