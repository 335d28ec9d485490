import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BaselineEntryRecord } from '../model/record.ts';
import { mergeBaseline } from './merge-baseline.ts';

const wish = { reason: '#12', until: '2026-12-31', prune: false };
const known = (finding: string, changes: Partial<BaselineEntryRecord> = {}): BaselineEntryRecord => ({
  finding,
  reason: 'old',
  until: '2026-11-30',
  expired: false,
  status: 'seen',
  ...changes,
});

test('new findings join those that are there, which keep their reasons and dates, even when these are over', () => {
  const old = [known('b/k/s'), known('d/k/s', { expired: true }), known('c/k/s', { status: 'not-seen' })];
  expect(mergeBaseline(old, ['b/k/s', 'a/k/s', 'd/k/s', 'a/k/s'], wish)).toEqual({
    findings: [
      { finding: 'a/k/s', reason: '#12', until: '2026-12-31' },
      { finding: 'b/k/s', reason: 'old', until: '2026-11-30' },
      { finding: 'c/k/s', reason: 'old', until: '2026-11-30' },
      { finding: 'd/k/s', reason: 'old', until: '2026-11-30' },
    ],
    added: [{ finding: 'a/k/s', reason: '#12', until: '2026-12-31' }],
    dropped: [],
  });
});

test('pruning drops what the run could have seen and did not, and nothing of which it says nothing', () => {
  const old = [known('a/k/s', { status: 'not-seen' }), known('b/k/s', { status: 'not-judged' }), known('c/k/s')];
  const { findings, dropped } = mergeBaseline(old, ['c/k/s'], { ...wish, prune: true });
  expect(findings.map(({ finding }) => finding)).toEqual(['b/k/s', 'c/k/s']);
  expect(dropped.map(({ finding }) => finding)).toEqual(['a/k/s']);
});

test('a reason that is still to be written is filled in, and no other', () => {
  const { findings } = mergeBaseline([known('a/k/s', { reason: ' ' }), known('b/k/s')], [], wish);
  expect(findings.map(({ reason }) => reason)).toEqual(['#12', 'old']);
});

test('a merge loses no entry, adds each finding once, and changes nothing when it is done again', () => {
  const names = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 });
  fc.assert(
    fc.property(names, names, (old, seen) => {
      const first = mergeBaseline(
        old.map((name) => known(name)),
        seen,
        wish,
      ).findings;
      expect(first.map(({ finding }) => finding)).toEqual([...new Set([...old, ...seen])].sort());
      const again = mergeBaseline(
        first.map((entry) => ({ ...entry, expired: false, status: 'seen' })),
        seen,
        { ...wish, reason: 'other', until: '2030-01-01' },
      );
      expect(again).toEqual({ findings: first, added: [], dropped: [] });
    }),
  );
});
