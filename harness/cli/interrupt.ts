/** Ctrl-C and SIGTERM end a run in order: faults heal, agents stop, reports are written. A second one does not wait. */
import { EXIT } from './exit-codes.ts';

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

export function untilInterrupted(): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    process.stderr.write('\nmuster: stopping; what was seen is kept. Once more to stop at once.\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
