/** What every examination of the machine is told, and what one is. */
import type { CheckupFinding, Hindrance } from '../../../model/checkup.ts';
import type { PortsPlan } from '../../../model/plan.ts';

export interface Surroundings {
  readonly ports: PortsPlan;
  /** What cannot be tested without a port: nothing at all, or only what muster starts itself. */
  readonly without_ports: Hindrance;
  readonly signal: AbortSignal;
}

export interface MachineExamination {
  readonly area: string;
  readonly title: string;
  /** In words, for the documentation. */
  readonly looks_at: string;
  readonly examine: (surroundings: Surroundings) => Promise<readonly CheckupFinding[]>;
}
