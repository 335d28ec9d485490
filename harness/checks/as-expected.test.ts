/** The proof of what was not as expected is what everybody whose task it is about asked and was told. */
import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import { asExpected } from './as-expected.ts';
import { judgeWith } from './testing/judge-with.ts';

test('a finding about the tasks of two users shows both, in the order of time, though one of them has left', () => {
  const { events } = writtenHistories().find(({ name }) => name === 'bad-one-pick-for-two') ?? { events: [] };
  const { findings } = judgeWith(asExpected, events);
  expect(findings).toHaveLength(1);
  expect(findings[0]?.users).toEqual(['alice', 'bob']);
  expect(findings[0]?.evidence.map(({ seq }) => seq)).toEqual([3, 4, 5, 7, 8]);
});
