/** What nobody can know of repeated messages counts only where a policy wants to know it. */
import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import { duplicateSend } from './duplicate-send.ts';
import { judgeWith } from './testing/judge-with.ts';

test('an agent whose tasks cannot be counted keeps to a policy under which any number will do, and to no other', () => {
  const name = 'good-list-does-not-say-whose-tasks-no-evidence';
  const events = writtenHistories().find((history) => history.name === name)?.events ?? [];
  expect(judgeWith(duplicateSend, events, { sent_again: 'exactly-once' })).toMatchObject({ evidence: 0, findings: [] });
  const { evidence, note } = judgeWith(duplicateSend, events, { sent_again: 'any' });
  expect(evidence).toBeGreaterThan(0);
  expect(note).toContain(`of ${evidence} nobody knows`);
});
