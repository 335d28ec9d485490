/** The process dies without a chance to say goodbye, as from the out-of-memory killer; a heal starts it again. */
import type { ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';

export const kill: ProcessFault<'kill'> = {
  title: 'The process is killed (SIGKILL); healing starts it again on the same port',
  needs: 'process',
  attributes: {},
  apply: (_plan, agent, signal) =>
    inflict(`kill "${agent.name}"`, { bite: () => agent.kill(), heal: () => agent.restart() }, signal),
};
