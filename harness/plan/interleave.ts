/**
 * The order in which two agents are loaded in turn: pairs of blocks, two and two mirrored (ABBA or BAAB), so that whatever gets slowly
 * better or worse meanwhile meets both alike; which of the two it is a coin of the seed decides.
 */
import { forkRandom } from './random.ts';

export interface Block {
  /** From 0. */
  readonly pair: number;
  readonly side: 'a' | 'b';
}

/** `pass`: each has coins of its own. */
export function interleave(pairs: number, seed: number, pass: number): readonly Block[] {
  const random = forkRandom(seed, 'interleave', pass);
  let isTurned = false;
  return Array.from({ length: pairs }, (_, pair): readonly Block[] => {
    isTurned = pair % 2 === 0 ? random.between(0, 1) === 1 : !isTurned;
    return isTurned
      ? [
          { pair, side: 'b' },
          { pair, side: 'a' },
        ]
      : [
          { pair, side: 'a' },
          { pair, side: 'b' },
        ];
  }).flat();
}
