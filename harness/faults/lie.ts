/** A peer that says what is not so: what its clients take for granted was only ever its word. */

import { LIE_NAMES } from '../model/lies.ts';
import type { Telling } from '../model/live.ts';
import type { LiarFault } from './fault.ts';
import { inflict } from './inflict.ts';
import { plural } from './proof.ts';

export const lie: LiarFault<'lie'> = {
  title: 'The peer lies; healing lets it tell the truth to whoever asks from then on',
  needs: 'liar',
  attributes: { which: { oneOf: LIE_NAMES } },
  apply: ({ which }, tell, signal) => {
    let telling: Telling | undefined;
    const hits = (): number => telling?.told() ?? 0;
    return inflict(
      `let the peer tell the lie "${which}"`,
      {
        bite: async () => {
          telling = tell(which);
          return `from now on it tells the lie "${which}"`;
        },
        heal: async () => {
          telling?.[Symbol.dispose]();
          return hits() === 0 ? 'nobody was told the lie' : `told the lie "${which}" ${plural(hits(), 'time')}`;
        },
        hits,
      },
      signal,
    );
  },
};
