/** The process dies, and when it is started again somebody else has its port, as after a crash that a neighbour was quicker than. */
import type { ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';

export const portHeld: ProcessFault<'port-held'> = {
  title:
    'The process is killed, its port taken, and its next start meets that (EADDRINUSE); healing frees the port and starts it again',
  needs: 'process',
  attributes: {},
  apply: (_plan, agent, signal) => {
    let holding: ReturnType<typeof agent.restartInVain> | undefined;
    const bite = async (): Promise<string> => {
      holding = agent.restartInVain();
      return (await holding).proof;
    };
    const heal = async (): Promise<string> => {
      // Also where nobody waits for it any more, the port would stay taken.
      await holding?.then(
        ({ freePort }) => freePort(),
        () => undefined,
      );
      return agent.restart();
    };
    return inflict(`hold the port of "${agent.name}"`, { bite, heal }, signal);
  },
};
