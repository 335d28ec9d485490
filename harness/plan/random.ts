/**
 * Random streams forked from the seed by name, so that one more user, or one more draw of one user, changes nothing for
 * any other. The same names always give the same stream.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Random } from '../model/scenario.ts';

export function forkRandom(seed: number, ...names: readonly (string | number)[]): Random {
  const generator = xoroshiro128plus(hash32(`${seed}/${names.join('/')}`));
  const between = (low: number, high: number): number => uniformInt(generator, Math.ceil(low), Math.floor(high));
  return {
    between,
    pick: (choices) => {
      const choice = choices[between(0, choices.length - 1)];
      if (choice === undefined) throw new RangeError('Failed to pick from an empty list: give at least one choice');
      return choice;
    },
    uuid: () => {
      const digits = Array.from({ length: 32 }, () => between(0, 15).toString(16));
      digits[12] = '4';
      digits[16] = between(8, 11).toString(16);
      const text = digits.join('');
      return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
    },
  };
}

/**
 * The mark of one user in one run: `mq` and ten base-32 characters, so that one expression finds every canary in a text
 * and none is the beginning of another.
 */
export function canaryOf(seed: number, nonce: string, user: string): string {
  const random = forkRandom(seed, nonce, 'canary', user);
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return `mq${Array.from({ length: 10 }, () => alphabet.charAt(random.between(0, 31))).join('')}`;
}

/** FNV-1a over UTF-16 code units, mixed once more, as a signed 32-bit seed. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
