/** Ctrl-C ends a run in order, also while a fault is at work: healed, stopped, returned, written down. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ending, eventually, openBench } from './muster.ts';

for (const scenario of ['freeze-thaw', 'kill-restart', 'slow-boot'] as const) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} while ${scenario} has its fault at work leaves a readable record and nothing else`, async () => {
      using bench = openBench();
      const run = bench.start('run', scenario, '--out', 'run');
      const ended = ending(run);
      const history = (): string => {
        try {
          return readFileSync(join(bench.folder, 'run/history.jsonl'), 'utf8');
        } catch {
          return ''; // It has not begun yet.
        }
      };
      expect(await eventually(history, (text) => text.includes('"phase":"applied"'))).toContain('"phase":"applied"');
      run.kill(signal);
      expect(await ended).toMatchObject({ code: 130 });
      expect(bench.left()).toEqual([]);
      expect(bench.record('run')).toMatchObject({ run: { ended: 'interrupted' }, exit_code: 130 });
      const returned = bench.history('run').filter((event) => event.type === 'port' && event.phase === 'returned');
      expect(returned).toHaveLength(1);
      expect(bench.history('run').at(-1)).toMatchObject({ type: 'run', phase: 'ended', reason: 'interrupted' });
    });
  }
}
