/** What a caller gets instead of ports, in words that say whose doing it is and what helps. */
import type { PortsPlan } from '../model/plan.ts';

export class PortsExhausted extends Error {
  override readonly name = 'PortsExhausted';
  /** Blocks held by the pool that was asked, and how many it may hold at most. */
  readonly held: number;
  readonly all: number;

  constructor(plan: PortsPlan, holder: string, held: number, all: number) {
    const range = plan.from === 'os' ? 'from the operating system' : `in ${plan.first}–${plan.last}`;
    const why =
      held >= all
        ? 'it can hold no more'
        : 'what remains is held by other processes of muster or in use by other programs';
    super(
      `Failed to lease ${plan.block} ports ${range} for "${holder}": this process holds ${held} of ${all} blocks, and ${why}. ` +
        'Close a session, end another muster run, or give a wider range, smaller blocks or a closer spacing.',
    );
    this.held = held;
    this.all = all;
  }
}
