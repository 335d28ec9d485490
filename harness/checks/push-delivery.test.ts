/** What the policies make of the same histories: whether an agent may post to private addresses, and by when it must have posted. */
import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import type { Policy } from '../model/plan.ts';
import { pushDelivery } from './push-delivery.ts';
import { judgeWith } from './testing/judge-with.ts';

function kindsIn(name: string, policy: Partial<Policy>): readonly string[] {
  const history = writtenHistories().find((each) => each.check === 'push-delivery' && each.name === name);
  if (history === undefined) throw new Error(`There is no history "${name}"`);
  return judgeWith(pushDelivery, history.events, policy).findings.map(({ kind }) => kind);
}

test('whether webhooks at private addresses are called, or refused, accuses only where the policy says so', () => {
  expect(kindsIn('good-posted-to-the-end', { private_hooks: 'refused' })).toEqual(['private-hook-called']);
  expect(kindsIn('good-posted-to-the-end', { private_hooks: 'allowed' })).toEqual([]);
  expect(kindsIn('good-refused-no-evidence', { private_hooks: 'allowed' })).toEqual(['private-hook-refused']);
  expect(kindsIn('good-refused-no-evidence', { private_hooks: 'refused' })).toEqual([]);
  // Taken, and never called: users are better told at once, but nobody was harmed.
  expect(kindsIn('bad-nothing-posted', { private_hooks: 'refused' })).toEqual([]);
});

test('an agent that refuses private addresses as it should gives evidence of that', () => {
  const [history] = writtenHistories().filter(({ name }) => name === 'good-refused-no-evidence');
  const { aspects, note } = judgeWith(pushDelivery, history?.events ?? [], { private_hooks: 'refused' });
  expect(aspects).toMatchObject({ private: 1 });
  expect(note).toContain('InvalidParamsError');
});

test('an end that was posted late is late by the policy', () => {
  expect(kindsIn('bad-end-posted-late', { push_ms_max: 2_000 })).toEqual(['end-pushed-late']);
  expect(kindsIn('bad-end-posted-late', { push_ms_max: 3_000 })).toEqual([]);
});
