/** What faults have in common, by their names: what a plan, a schedule and the checks have to know of them beforehand. */
import type { FaultName } from './scenario.ts';

/** Those that need a process of muster's own; the others stand on the wire. */
export const PROCESS_FAULTS: ReadonlySet<FaultName> = new Set<FaultName>([
  'kill',
  'stop',
  'restart',
  'slow-boot',
  'crash-loop',
  'freeze',
  'stutter',
  'port-held',
  'descriptors',
  'memory',
  'file-size',
  'crowd',
]);

/** Those that tell the agent to stop and let it end its work. */
export const POLITE_FAULTS: ReadonlySet<FaultName> = new Set<FaultName>(['stop', 'restart']);

/** Those that end the agent's process: what it kept in memory is gone. */
export const LETHAL_FAULTS: ReadonlySet<FaultName> = new Set<FaultName>([
  ...POLITE_FAULTS,
  'kill',
  'slow-boot',
  'crash-loop',
  'port-held',
]);
