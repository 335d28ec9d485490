/** What shrinking made of a finding, in the words of every report: how small, and how often it came back, which is never left out. */
import type { ShrunkRecord } from '../harness/model/shrunk-record.ts';
import { count } from './measure.ts';

type Size = ShrunkRecord['of'];

/** `2 users, 2 ops (of 200 users, 1,000 ops), came back in 5 of 5 fresh runs; its proof is in shrunk/1`. */
export const shrunkWords = (shrunk: ShrunkRecord): string =>
  `${shrinkingWords(shrunk)}; its proof is in ${shrunk.folder}`;

/** The same for who does not have the folder of the run. */
export function shrinkingWords(shrunk: ShrunkRecord): string {
  const { of, reproduced, tries } = shrunk;
  const rate = tries === 0 ? 'not tried in a fresh run' : `came back in ${reproduced} of ${count(tries, 'fresh run')}`;
  return `${sizeWords(shrunk)} (of ${sizeWords(of)}), ${rate}${stopped(shrunk)}`;
}

function sizeWords({ users, ops, faults }: Size): string {
  const words = [count(users, 'user'), count(ops, 'op')];
  return [...words, ...(faults > 0 ? [count(faults, 'fault')] : [])].join(', ');
}

function stopped({ ended }: ShrunkRecord): string {
  if (ended === 'time') return ', and may get smaller with more time';
  return ended === 'interrupted' ? ', and was interrupted on its way' : '';
}
