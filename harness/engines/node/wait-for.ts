/** A pause that ends early when its run does. */
import type { Stop } from '../../model/stop.ts';

/** Resolves after so long, or as soon as it is stopped. */
export function waitFor(ms: number, stop: Stop): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) {
      resolve();
      return;
    }
    const onStop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      stop.removeEventListener('abort', onStop);
      resolve();
    }, ms);
    stop.addEventListener('abort', onStop, { once: true });
  });
}
