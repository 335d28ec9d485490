/** The process cannot make a file longer than this, as on a full disk: its log and its store fail, and it may go on without. */
import { COUNT } from './attributes.ts';
import type { ProcessFault } from './fault.ts';
import { applyLimit } from './limited.ts';

export const fileSize: ProcessFault<'file-size'> = {
  title: 'No file may be written beyond this size (RLIMIT_FSIZE); healing gives back the limit',
  needs: 'process',
  attributes: { bytes_max: COUNT },
  apply: ({ bytes_max }, agent, signal) => applyLimit(agent, 'file-size', bytes_max, signal),
};
