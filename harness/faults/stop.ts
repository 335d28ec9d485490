/** The process is asked to stop, as by whoever deploys the next version, and has until the deadline to end its work. */
import { DELAY_MS } from './attributes.ts';
import type { ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';

export const stop: ProcessFault<'stop'> = {
  title: 'The process is told to stop (SIGTERM); healing starts it again, also one that did not stop by the deadline',
  needs: 'process',
  attributes: { deadline_ms: DELAY_MS },
  apply: ({ deadline_ms }, agent, signal) => {
    let hasEnded = false;
    const bite = async (): Promise<string> => {
      const { ended, proof } = await agent.stop(deadline_ms);
      hasEnded = ended;
      return proof;
    };
    const heal = async (): Promise<string> => {
      const started = await agent.restart();
      return hasEnded ? started : `it had not stopped within ${deadline_ms} ms, and was killed; ${started}`;
    };
    return inflict(`stop "${agent.name}"`, { bite, heal, hits: () => (hasEnded ? 1 : 0) }, signal);
  },
};
