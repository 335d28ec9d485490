/** The process is replaced by another one of its kind, as in a deployment: all of it happens while the fault is applied. */
import { DELAY_MS } from './attributes.ts';
import type { ProcessFault } from './fault.ts';
import { inflict } from './inflict.ts';

export const restart: ProcessFault<'restart'> = {
  title:
    'The process is told to stop (SIGTERM; SIGKILL after the deadline) and started again, on its port or on another one; ' +
    'healing starts one that did not come up',
  needs: 'process',
  attributes: { deadline_ms: DELAY_MS, port: { oneOf: ['same', 'other'], optional: true } },
  apply: ({ deadline_ms, port = 'same' }, agent, signal) => {
    let isUp = false;
    const bite = async (): Promise<string> => {
      const { proof } = await agent.stop(deadline_ms);
      signal.throwIfAborted();
      const started = await agent.restart(port);
      isUp = true;
      return `${proof}; ${started}`;
    };
    const heal = async (): Promise<string> => (isUp ? 'it had come up already' : agent.restart());
    return inflict(`restart "${agent.name}"`, { bite, heal }, signal);
  },
};
