/** What is said to who named something that is not there: what he probably meant, and where all the names are. */
import { closestMatch } from 'leven';
import { listed } from '../../fixtures/table.ts';

/** A slip or two; of a short name, less of it. */
const slipsIn = (name: string): number => Math.max(1, Math.ceil(name.length / 3));

export function noSuchName(name: string, names: readonly string[]): string {
  const all = '`muster list` names them all';
  const inside = name.length < 3 ? [] : names.filter((each) => each.includes(name)).slice(0, 5);
  const close = closestMatch(name, names, { maxDistance: slipsIn(name) });
  const meant = [...new Set(close === undefined ? inside : [close, ...inside])].map((each) => `"${each}"`);
  return `there is no "${name}"; ${meant.length === 0 ? '' : `did you mean ${meant.join(' or ')}? `}${all}`;
}

export const noSuchFixture = (name: string): string =>
  noSuchName(
    name,
    listed.map((each) => each.name),
  );
