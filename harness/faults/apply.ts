/** From a planned fault to one at work: looks it up, checks that there is something to hurt, and hurts it. */
import type { FaultPlan } from '../model/scenario.ts';
import { type AppliedFault, type Fault, FaultFailed, type FaultSubject } from './fault.ts';
import { FAULTS } from './table.ts';

/**
 * Resolves when the fault's effect is there. Aborting `signal` before that heals and rejects with its reason; afterwards
 * the owner heals, by disposing. Throws `FaultFailed` when the subject lacks what the fault needs.
 */
export async function applyFault(plan: FaultPlan, subject: FaultSubject, signal: AbortSignal): Promise<AppliedFault> {
  signal.throwIfAborted();
  const fault: Fault = FAULTS[plan.fault];
  if (fault.needs === 'process') {
    if (subject.agent === undefined) {
      throw new FaultFailed(
        `Failed to apply "${plan.fault}" to the ${plan.target}: it needs a process that muster started, and there is none. ` +
          'Test the agent with --command or a fixture in a process of its own; a URL can only be hurt by faults that need a proxy.',
      );
    }
    return await fault.apply(plan, subject.agent, signal);
  }
  if (subject.proxy === undefined) {
    throw new FaultFailed(
      `Failed to apply "${plan.fault}" to the ${plan.target}: it needs a proxy in front of it, and there is none. ` +
        'Open one with openProxy({ upstream, signal }) and give its url to the clients.',
    );
  }
  return await fault.apply(plan, subject.proxy, signal);
}
