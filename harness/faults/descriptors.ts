/** The process cannot open anything any more: no connection, no file. What it has open it keeps. */
import { COUNT } from './attributes.ts';
import type { ProcessFault } from './fault.ts';
import { applyLimit } from './limited.ts';

export const descriptors: ProcessFault<'descriptors'> = {
  title: 'Each process may open so many descriptors more than it has (RLIMIT_NOFILE); healing gives back the limit',
  needs: 'process',
  attributes: { left: COUNT },
  apply: ({ left }, agent, signal) => applyLimit(agent, 'descriptors', left, signal),
};
