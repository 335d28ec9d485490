import { expect, test } from 'vitest';
import { count, duration, fraction, listed, percentile, rate, size, whole } from './measure.ts';

test('durations carry their unit and no more digits than they are worth', () => {
  expect([0, 1.84, 12.6, 999, 1040, 61_400, 150_000].map(duration)).toEqual([
    '0 ms',
    '1.8 ms',
    '13 ms',
    '999 ms',
    '1.04 s',
    '61.4 s',
    '2 min 30 s',
  ]);
});

test('a percentile of too few samples is not a number', () => {
  expect([percentile(null), percentile(3)]).toEqual(['too few', '3 ms']);
});

test('counts have their thousands apart and their noun in the right number', () => {
  expect([whole(18_204), whole(7), whole(1_000_000)]).toEqual(['18,204', '7', '1,000,000']);
  expect([count(1, 'finding'), count(0, 'finding'), count(2, 'session was', 'sessions were')]).toEqual([
    '1 finding',
    '0 findings',
    '2 sessions were',
  ]);
});

test('names are listed as a sentence would', () => {
  expect([listed([], 3), listed(['a'], 3), listed(['a', 'b', 'c'], 3), listed(['a', 'b', 'c', 'd'], 2)]).toEqual([
    '',
    'a',
    'a, b and c',
    'a, b and 2 more',
  ]);
});

test('rates have as many digits as they carry, and are told as too few where nothing could be said', () => {
  expect([null, 0.333, 9.876, 48.16, 1234.5].map(rate)).toEqual(['too few', '0.33', '9.88', '48.2', '1,235']);
});

test('a part is never told as all or as none of it', () => {
  expect(fraction(0, 0)).toBe('none');
  expect([0, 1, 500, 999, 1000].map((some) => fraction(some, 1000))).toEqual([
    '0 %',
    '0.1 %',
    '50 %',
    '99.9 %',
    '100 %',
  ]);
  expect(fraction(99_999, 100_000)).toBe('99.999 %');
  expect(fraction(1, 10_000_000)).toBe('almost 0 %');
  expect(fraction(9_999_999, 10_000_000)).toBe('almost 100 %');
});

test('bytes are told by the thousand', () => {
  expect([0, 999, 1000, 18_402_113, 5e15].map(size)).toEqual(['0 bytes', '999 bytes', '1 KB', '18.4 MB', '5000 TB']);
});
