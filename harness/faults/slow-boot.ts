/** A successor that takes its time: its process is there and its port is not, or, where it was handed its socket, nobody answers. */
import type { ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';

export const slowBoot: ProcessFault<'slow-boot'> = {
  title: 'The process is killed, and its successor stands still before it begins to boot; healing lets it boot',
  needs: 'process',
  attributes: {},
  apply: (_plan, agent, signal) => {
    let holding: ReturnType<typeof agent.restartHeld> | undefined;
    const bite = async (): Promise<string> => {
      holding = agent.restartHeld();
      return (await holding).proof;
    };
    const heal = async (): Promise<string> => {
      const held = await holding?.catch(() => undefined);
      return held === undefined ? agent.restart() : held.letGo();
    };
    return inflict(`hold up the boot of "${agent.name}"`, { bite, heal }, signal);
  },
};
