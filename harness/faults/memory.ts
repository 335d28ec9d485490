/**
 * The process is given no more memory. It is its address space that is limited, since that is what the kernel refuses at
 * once: limits of what is resident bind nobody, and those of data (RLIMIT_DATA) an engine meets only when it wants much at once.
 */
import type { ProcessFault } from './fault.ts';
import { applyLimit } from './limited.ts';

const BYTES_PER_MB = 1024 * 1024;

export const memory: ProcessFault<'memory'> = {
  title:
    'Each process may have so much more address space than it has (RLIMIT_AS), and may die of it; healing gives back the limit, and starts it again',
  needs: 'process',
  attributes: { left_mb: { from: 0, to: 1_048_576 } },
  apply: ({ left_mb }, agent, signal) => applyLimit(agent, 'memory', Math.round(left_mb * BYTES_PER_MB), signal),
};
