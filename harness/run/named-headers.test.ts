/** Which users show what: muster's own tokens, what a fixture has for them, or nothing. */
import { expect, test } from 'vitest';
import { findFixture } from '../../fixtures/table.ts';
import type { Fixture } from '../model/live.ts';
import { headersIn } from './named-headers.ts';
import type { LiveTarget } from './options.ts';

const echo = findFixture('echo') as Fixture;
const target = (fixture: Fixture): LiveTarget => ({ kind: 'fixture', fixture, command: '' });
const own: Fixture = { ...echo, headersOf: async (user, refused = false) => ({ 'x-user': `${user} ${refused}` }) };
const headersOf = () => ({ authorization: 'of the plan' });

test('without names users show what the plan has for them', async () => {
  expect(await headersIn({}, { headersOf, target: target(own) })(0)).toEqual({ authorization: 'of the plan' });
});

test('names are bearer tokens in UTF-8, and what a fixture makes of them where it has credentials of its own', async () => {
  const names = ['ann', 'jos\u00e9', null];
  const made = headersIn({ names }, { headersOf, target: target(echo) });
  expect(await made(1)).toEqual({ authorization: 'Bearer jos\u00c3\u00a9' });
  const given = headersIn({ names }, { headersOf, target: target(own) });
  expect([await given(1), await given(0, true)]).toEqual([{ 'x-user': 'jos\u00e9 false' }, { 'x-user': 'ann true' }]);
  for (const each of [made, given]) expect(await each(2)).toEqual({});
});
