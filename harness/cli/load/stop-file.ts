/** Stops a load when a file is made, for who can reach the machine's files and not the terminal: looked for four times a second. */
import { existsSync } from 'node:fs';
import { RunStopped } from '../../run/options.ts';
import { UsageError } from '../exit-codes.ts';

const EVERY_MS = 250;

export interface StopFile extends Disposable {
  /** Aborted with a reason that the history and the verdict tell. */
  readonly signal: AbortSignal;
}

export function watchStopFile(path: string | undefined): StopFile {
  const stopping = new AbortController();
  if (path === undefined) return { signal: stopping.signal, [Symbol.dispose]: () => {} };
  if (existsSync(path)) {
    throw new UsageError(
      `Failed to begin the load: its stop file "${path}" is there already. Remove it, or name another with --stop-file`,
    );
  }
  const timer = setInterval(() => {
    if (!existsSync(path)) return;
    clearInterval(timer);
    process.stderr.write(`\nmuster: the stop file "${path}" was made; stopping. What was seen is kept.\n`);
    stopping.abort(new RunStopped(`the stop file "${path}" was made`));
  }, EVERY_MS);
  return { signal: stopping.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
