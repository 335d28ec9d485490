/** The process dies again each time it has come up: whoever trusts the first answer after a crash loses his work again. */
import { ORDINAL } from './attributes.ts';
import type { ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';
import { plural } from './proof.ts';

export const crashLoop: ProcessFault<'crash-loop'> = {
  title:
    'The process is killed, and again after each of so many starts, when its card answers; healing starts it for good',
  needs: 'process',
  attributes: { starts: { ...ORDINAL, to: 100 } },
  apply: ({ starts }, agent, signal) => {
    const bite = async (): Promise<string> => {
      const told = [await agent.kill()];
      for (let start = 0; start < starts; start += 1) {
        signal.throwIfAborted();
        await agent.restart();
        told.push(await agent.kill());
      }
      return `it was started ${plural(starts, 'time')} and killed each time: ${told.join(', ')}`;
    };
    return inflict(`let "${agent.name}" crash again and again`, { bite, heal: () => agent.restart() }, signal);
  },
};
