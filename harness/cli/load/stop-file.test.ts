/** A file that is made stops a load and says so; one that was there before would stop it before it began, so it is refused. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunStopped } from '../../run/options.ts';
import { watchStopFile } from './stop-file.ts';

test('the signal is aborted when the file is made, with a reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-stop-'));
  try {
    const path = join(folder, 'STOP');
    using watched = watchStopFile(path);
    expect(watched.signal.aborted).toBe(false);
    const stopped = once(watched.signal, 'abort');
    writeFileSync(path, '');
    await stopped;
    expect(watched.signal.reason).toEqual(new RunStopped(`the stop file "${path}" was made`));
    expect(() => watchStopFile(path)).toThrow('is there already. Remove it');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
