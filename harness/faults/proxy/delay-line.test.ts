/** Times are checked against a clock of the test's own, so that they are exact and cost none. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DelayLine, openDelayLine } from './delay-line.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a piece leaves when its delay has passed, not earlier, and in order', () => {
  const left: string[] = [];
  const line = openDelayLine<string>(
    () => 100,
    (piece) => left.push(piece),
  );
  expect(line.push('a', 1)).toBe(true);
  vi.advanceTimersByTime(60);
  line.push('b', 2);
  expect([left, line.held_bytes()]).toEqual([[], 3]);
  vi.advanceTimersByTime(39);
  expect(left).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([left, line.held_bytes()]).toEqual([['a'], 2]);
  vi.advanceTimersByTime(60);
  expect([left, line.held_bytes()]).toEqual([['a', 'b'], 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test('when the delay ends everything held leaves at once, and later pieces pass it by', () => {
  let delay_ms = 100;
  const left: string[] = [];
  const line = openDelayLine<string>(
    () => delay_ms,
    (piece) => left.push(piece),
  );
  for (const piece of ['a', 'b', 'c']) line.push(piece, 1);
  delay_ms = 0;
  line.pump();
  expect(line.push('d', 1)).toBe(false);
  expect(left).toEqual(['a', 'b', 'c', 'd']);
  expect(vi.getTimerCount()).toBe(0);
});

test('dropping in the middle of a delivery delivers nothing more and leaves no timer', () => {
  const left: string[] = [];
  const line: DelayLine<string> = openDelayLine<string>(
    () => 100,
    (piece) => {
      left.push(piece);
      line.drop();
    },
  );
  for (const piece of ['a', 'b', 'c']) line.push(piece, 1);
  vi.advanceTimersByTime(1_000);
  expect([left, line.held_bytes(), vi.getTimerCount()]).toEqual([['a'], 0, 0]);
});
