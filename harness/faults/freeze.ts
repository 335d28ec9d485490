/** The process stands still with its sockets open: connections are accepted by the kernel and nobody answers. */
import type { ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';

export const freeze: ProcessFault<'freeze'> = {
  title: 'The process is stopped (SIGSTOP); healing lets it go on (SIGCONT)',
  needs: 'process',
  attributes: {},
  apply: (_plan, agent, signal) =>
    inflict(`freeze "${agent.name}"`, { bite: () => agent.freeze(), heal: () => agent.thaw() }, signal),
};
