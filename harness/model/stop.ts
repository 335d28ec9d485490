/**
 * As much of an AbortSignal as those need who wait: thousands of ops listen for the end of one run, and a real signal looks through all
 * of its listeners whenever one leaves. Whoever stops is told once, and is let go of with the listener.
 */
import { everybodyIn, join, type Line, leave, startLine } from './line.ts';

export type Stop = AbortSignal | OpenStop;

export interface OpenStop {
  aborted: boolean;
  readonly waiting: Line<() => void>;
  /** Tells all who listen, in the order in which they came. */
  readonly stop: () => void;
  /** Hears no more of its parent, which then forgets it. */
  readonly close: () => void;
}

/** Tells it once, when it stops, unless it is let go of before, with what is given back. What has stopped already tells nobody. */
export function onceStopped(stop: Stop, tell: () => void): () => void {
  if ('waiting' in stop) {
    const place = join(stop.waiting, tell);
    return () => leave(place);
  }
  stop.addEventListener('abort', tell, { once: true });
  return () => stop.removeEventListener('abort', tell);
}

/** Stops with its parent, or before it. */
export function openStop(parent?: Stop): OpenStop {
  const stop = (): void => {
    if (self.aborted) return;
    self.aborted = true;
    self.close();
    for (const tell of everybodyIn(self.waiting)) tell();
  };
  const isOver = parent?.aborted ?? false;
  const close = parent === undefined || isOver ? () => {} : onceStopped(parent, stop);
  const self: OpenStop = { aborted: isOver, waiting: startLine(), stop, close };
  return self;
}
