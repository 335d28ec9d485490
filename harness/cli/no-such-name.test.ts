/** Somebody who mistyped one of a hundred names is not told the other ninety-nine. */
import { expect, test } from 'vitest';
import { noSuchName } from './no-such-name.ts';

const NAMES = ['many-users', 'two-devices', 'peer-down', 'peer-slow', 'travel', 'travel-books-twice', 'echo'];

test.each([
  ['many-user', 'there is no "many-user"; did you mean "many-users"? `muster list` names them all'],
  ['ecko', 'there is no "ecko"; did you mean "echo"? `muster list` names them all'],
  ['peer', 'there is no "peer"; did you mean "peer-down" or "peer-slow"? `muster list` names them all'],
  ['books', 'there is no "books"; did you mean "travel-books-twice"? `muster list` names them all'],
  ['orchestra', 'there is no "orchestra"; `muster list` names them all'],
  ['', 'there is no ""; `muster list` names them all'],
])('%s', (name, said) => {
  expect(noSuchName(name, NAMES)).toBe(said);
});
