import { expect, test } from 'vitest';
import { count, duration, listed, percentile, whole } from './measure.ts';

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
