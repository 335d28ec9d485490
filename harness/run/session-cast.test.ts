/** In a session with its crew each has a place, and whoever has no room in it is not said to be there. */
import { expect, test } from 'vitest';
import type { Fixture } from '../model/live.ts';
import { sessionCast } from './session-cast.ts';

const fixture = (name: string, more: Partial<Fixture> = {}): Fixture => ({
  name,
  title: name,
  phrasebook: {},
  start: () => Promise.reject(new Error('not here')),
  ...more,
});
const crew = { kitchen: fixture('kitchen'), delivery: fixture('delivery') };
const placesOf = (target: Fixture): readonly (string | undefined)[] => {
  const { memberAt } = sessionCast({ kind: 'fixture', fixture: target, command: '' }, crew);
  return [0, 1, 2, 3, 4].map((index) => memberAt(index)?.name);
};

test('who has its sessions with its crew stands first, then each of the crew, and then it begins anew', () => {
  expect(placesOf(fixture('cook', { sessions: 'with-crew' }))).toEqual([
    undefined,
    'kitchen',
    'delivery',
    undefined,
    'kitchen',
  ]);
  expect(placesOf(fixture('cook'))).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test('those are known who stand in the session', () => {
  const target = fixture('cook', { sessions: 'with-crew' });
  const { urlsOf } = sessionCast({ kind: 'fixture', fixture: target, command: '' }, crew);
  const urlAt = (index: number): string => `at ${index}`;
  expect(urlsOf(urlAt)).toEqual({ kitchen: 'at 1', delivery: 'at 2' });
  expect(urlsOf(urlAt, 2)).toEqual({ kitchen: 'at 1' });
  expect(urlsOf(urlAt, 1)).toEqual({});
});
