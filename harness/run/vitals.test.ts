/** What muster tells of itself is of the time since it told it last. */
import { expect, test } from 'vitest';
import { watchVitals } from './vitals.ts';

test.runIf(process.platform === 'linux')('how long it ran is told anew each time', () => {
  using vitals = watchVitals(
    () => {},
    () => 3,
  );
  // Until the kernel has counted some of it: it counts when a thread is taken off its core.
  const work = (): number => {
    for (let tries = 0; tries < 1_000; tries += 1) {
      for (let turn = 0; turn < 1_000_000; turn += 1) Math.sqrt(turn);
      const { scheduled, open_ops } = vitals.take();
      expect(open_ops).toBe(3);
      if ((scheduled?.ran_ms ?? 0) > 0) return scheduled?.ran_ms ?? 0;
    }
    return 0;
  };
  const [first, second] = [work(), work()];
  expect(first).toBeGreaterThan(0);
  expect(second).toBeGreaterThan(0);
  // A sum since the process began would be seconds.
  expect(second).toBeLessThan(process.cpuUsage().user / 1_000);
});
