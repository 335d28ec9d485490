/** Ctrl-C and SIGTERM end in order what goes on: faults heal, agents stop, reports are written. A second one does not wait. */
import { EXIT } from './exit-codes.ts';

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

export interface InterruptOptions {
  readonly signals?: readonly NodeJS.Signals[];
  /** Told on standard error when the first signal comes. */
  readonly notice?: string;
}

export function untilInterrupted({
  signals = ['SIGINT', 'SIGTERM'],
  notice = 'stopping; what was seen is kept',
}: InterruptOptions = {}): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    process.stderr.write(`\nmuster: ${notice}. Once more to stop at once.\n`);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
