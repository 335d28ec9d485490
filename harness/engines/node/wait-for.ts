/** A pause that ends early when its run does. */
import { onceStopped, type Stop } from '../../model/stop.ts';

/** Resolves after so long, or as soon as it is stopped. */
export function waitFor(ms: number, stop: Stop): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(() => {
      letGo();
      resolve();
    }, ms);
    const letGo = onceStopped(stop, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
