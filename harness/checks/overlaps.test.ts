/** What is counted, kind by kind: a scenario that insists on an overlap must not be satisfied by another. */
import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import { overlaps } from './overlaps.ts';
import { judgeWith } from './testing/judge-with.ts';

const histories = writtenHistories().filter(({ check }) => check === 'overlaps');

test('each kind of overlap is counted once for each op that began beside another', () => {
  const [all] = histories.filter(({ hasNoEvidence }) => !hasNoEvidence);
  const { aspects, evidence } = judgeWith(overlaps, all?.events ?? []);
  expect(aspects).toEqual({
    // Two messages and a cancel, beside the stream that made the task.
    'same-task': 3,
    'two-senders': 1,
    'same-context': 1,
    // Bob's second, and both of Alice's beside her stream.
    'same-user': 3,
    'cancel-meets-end': 1,
    together: 1,
    all: 2,
  });
  expect(evidence).toBe(5);
});

test('a cancel that is sent when the end is known races for nothing, and who goes alone does not go together', () => {
  const [none] = histories.filter(({ hasNoEvidence }) => hasNoEvidence);
  const { aspects, note } = judgeWith(overlaps, none?.events ?? []);
  expect(Object.values(aspects ?? {})).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(note).toContain('at most 1 ops were in flight at once');
});
