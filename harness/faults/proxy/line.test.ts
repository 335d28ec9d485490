/** Times are checked against a clock of the test's own, so that they are exact and cost none. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Line, openLine } from './line.ts';
import type { Pacing } from './pace.ts';
import type { Piece } from './piece.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const free: Pacing = {
  hold_ms: 0,
  gap_ms: 0,
  end_ms: 0,
  bytes_per_s: Number.POSITIVE_INFINITY,
  slice_bytes: Number.POSITIVE_INFINITY,
  standsStill: false,
};
const late = (hold_ms: number): Pacing => ({ ...free, hold_ms });
const bytes = (text: string): Piece => ({ kind: 'bytes', chunk: Buffer.from(text) });
const end: Piece = { kind: 'end', trailers: [], isSeen: true };
const textOf = (piece: Piece): string => (piece.kind === 'bytes' ? String(piece.chunk) : piece.kind);

test('a piece leaves when its delay has passed, not earlier, and in order', () => {
  const left: string[] = [];
  const line = openLine(
    () => late(100),
    (piece) => left.push(textOf(piece)),
  );
  expect(line.push(bytes('a'))).toBe(true);
  vi.advanceTimersByTime(60);
  line.push(bytes('b'));
  expect([left, line.held_bytes()]).toEqual([[], 2]);
  vi.advanceTimersByTime(39);
  expect(left).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([left, line.held_bytes()]).toEqual([['a'], 1]);
  vi.advanceTimersByTime(60);
  expect([left, line.held_bytes()]).toEqual([['a', 'b'], 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test('when the delay ends everything held leaves at once, and later pieces pass it by', () => {
  let delay_ms = 100;
  const left: string[] = [];
  const line = openLine(
    () => (delay_ms === 0 ? undefined : late(delay_ms)),
    (piece) => left.push(textOf(piece)),
  );
  for (const piece of ['a', 'b', 'c']) line.push(bytes(piece));
  delay_ms = 0;
  line.pump();
  expect(line.push(bytes('d'))).toBe(false);
  expect(left).toEqual(['a', 'b', 'c', 'd']);
  expect(vi.getTimerCount()).toBe(0);
});

test('dropping in the middle of a delivery delivers nothing more and leaves no timer', () => {
  const left: string[] = [];
  const line: Line = openLine(
    () => late(100),
    (piece) => {
      left.push(textOf(piece));
      line.drop();
    },
  );
  for (const piece of ['a', 'b', 'c']) line.push(bytes(piece));
  vi.advanceTimersByTime(1_000);
  expect([left, line.held_bytes(), vi.getTimerCount()]).toEqual([['a'], 0, 0]);
});

test('bytes are rationed and sliced, each step in its time, and the end waits for its own', () => {
  const left: [number, string][] = [];
  const began_ms = performance.now();
  let pacing: Pacing | undefined = { ...free, bytes_per_s: 100, slice_bytes: 2, end_ms: 70 };
  const line = openLine(
    () => pacing,
    (piece) => left.push([performance.now() - began_ms, textOf(piece)]),
  );
  line.push(bytes('abcde'));
  line.push(end);
  vi.advanceTimersByTime(1_000);
  expect(left).toEqual([
    [0, 'ab'],
    [20, 'cd'],
    [40, 'e'],
    [70, 'end'],
  ]);
  left.length = 0;
  pacing = { ...free, standsStill: true };
  line.push(bytes('fgh'));
  vi.advanceTimersByTime(10_000_000);
  expect([left, line.held_bytes(), vi.getTimerCount()]).toEqual([[], 3, 0]);
  pacing = undefined;
  line.pump();
  expect(left.map(([, text]) => text)).toEqual(['fgh']);
});

test('a piece with a delay of its own holds back what follows, until its delay is no more', () => {
  const left: string[] = [];
  const line = openLine(
    () => undefined,
    (piece) => left.push(textOf(piece)),
  );
  let own_ms = 100;
  line.push(bytes('a'), () => own_ms);
  line.push(bytes('b'));
  vi.advanceTimersByTime(50);
  expect(left).toEqual([]);
  own_ms = 0;
  line.pump();
  expect(left).toEqual(['a', 'b']);
});
