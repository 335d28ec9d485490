/**
 * As much of an AbortSignal as those need who wait: thousands of ops listen for the end of one run, and a real signal looks through all
 * of its listeners whenever one leaves. Whoever stops is told once, and is let go of with the listener.
 */
import { type Line, startLine } from './line.ts';

export type Stop = AbortSignal | OpenStop;

export interface OpenStop {
  readonly aborted: boolean;
  readonly waiting: Line<() => void>;
  /** Tells all who listen, in the order in which they came. */
  stop(): void;
  /** Hears no more of its parent, which then forgets it. */
  close(): void;
}

/** Tells it once, when it stops, unless it is let go of before, with what is given back. What has stopped already tells nobody. */
export function onceStopped(stop: Stop, tell: () => void): () => void {
  if ('waiting' in stop) {
    const place = stop.waiting.join(tell);
    return () => stop.waiting.leave(place);
  }
  stop.addEventListener('abort', tell, { once: true });
  return () => stop.removeEventListener('abort', tell);
}

/** Stops with its parent, or before it. */
export function openStop(parent?: Stop): OpenStop {
  const waiting = startLine<() => void>();
  let aborted = parent?.aborted ?? false;
  const stop = (): void => {
    if (aborted) return;
    aborted = true;
    close();
    for (const tell of waiting.all()) tell();
  };
  const close = parent === undefined || aborted ? () => {} : onceStopped(parent, stop);
  return {
    get aborted() {
      return aborted;
    },
    waiting,
    stop,
    close,
  };
}
