/** What is said of the scripts of a load beforehand is what they are. */
import { expect, test } from 'vitest';
import { scenarios } from '../../scenarios/table.ts';
import { LOAD_SCRIPTS } from './load-scripts.ts';

test('every script of a load is known beforehand, with what it needs', () => {
  const scripts = scenarios.filter(({ family }) => family === 'load');
  const known = Object.entries(LOAD_SCRIPTS).map(([name, { needs, capabilities }]) => ({ name, needs, capabilities }));
  expect(known).toEqual(scripts.map(({ name, needs, capabilities = [] }) => ({ name, needs, capabilities })));
});
