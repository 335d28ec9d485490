/** What all processes of an agent have together, seen from outside. */

export interface ProcessMeasures {
  readonly processes: number;
  readonly descriptors: number;
  /** Of these descriptors, those that are connections which the agent's clients have open, too. */
  readonly connections: number;
  readonly memory_mb: number;
  /** `pss` counts a page that n processes share as an nth for each; `rss` counts it for each in full. */
  readonly memory_is: 'pss' | 'rss';
}
