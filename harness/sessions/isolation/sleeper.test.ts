import { afterEach, expect, test, vi } from 'vitest';
import { openSleeper } from './sleeper.ts';

afterEach(() => void vi.useRealTimers());

function openBench(idle_ms: number) {
  const seen: string[] = [];
  const slow = { wake: Promise.resolve(), sleep: Promise.resolve() };
  const sleeper = openSleeper({
    idle_ms,
    wake: async () => {
      await slow.wake;
      seen.push('wake');
    },
    sleep: async () => {
      await slow.sleep;
      seen.push('sleep');
    },
  });
  return { sleeper, seen, slow };
}

test('the first call wakes it, calls at once share the wake, and idleness puts it to sleep', async () => {
  const { sleeper, seen } = openBench(1);
  const answers = await Promise.all([1, 2, 3].map((each) => sleeper.gate(async () => each)));
  expect(answers).toEqual([1, 2, 3]);
  expect(seen).toEqual(['wake']);
  await expect.poll(() => seen).toEqual(['wake', 'sleep']);
  await sleeper.gate(async () => seen.push('call'));
  expect(seen.slice(0, 4)).toEqual(['wake', 'sleep', 'wake', 'call']);
  await sleeper[Symbol.asyncDispose]();
  expect(seen.at(-1)).toBe('sleep');
});

test('it does not fall asleep under a call, however long that takes', async () => {
  vi.useFakeTimers();
  const { sleeper, seen } = openBench(10);
  const long = Promise.withResolvers<void>();
  const call = sleeper.gate(() => long.promise);
  await sleeper.gate(async () => {});
  await vi.advanceTimersByTimeAsync(1_000);
  expect(seen).toEqual(['wake']);
  long.resolve();
  await call;
  await vi.advanceTimersByTimeAsync(9);
  expect(seen).toEqual(['wake']);
  await vi.advanceTimersByTimeAsync(1);
  expect(seen).toEqual(['wake', 'sleep']);
});

test('who comes while it is being stopped waits for that, and then for the next start', async () => {
  vi.useFakeTimers();
  const { sleeper, seen, slow } = openBench(10);
  const stop = Promise.withResolvers<void>();
  slow.sleep = stop.promise;
  await sleeper.gate(async () => {});
  await vi.advanceTimersByTimeAsync(10);
  const call = sleeper.gate(async () => seen.push('call'));
  stop.resolve();
  await call;
  expect(seen).toEqual(['wake', 'sleep', 'wake', 'call']);
  await sleeper[Symbol.asyncDispose]();
});

test('a start that failed is told to who waited, and the next call tries again', async () => {
  const { sleeper, seen, slow } = openBench(1_000);
  slow.wake = Promise.reject(new Error('no memory'));
  await expect(sleeper.gate(async () => 1)).rejects.toThrow('no memory');
  slow.wake = Promise.resolve();
  expect(await sleeper.gate(async () => 2)).toBe(2);
  await sleeper[Symbol.asyncDispose]();
  expect(seen).toEqual(['wake', 'sleep']);
  await expect(sleeper.gate(async () => 3)).rejects.toThrow('its session has ended');
});
