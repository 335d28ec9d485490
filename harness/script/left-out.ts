/**
 * What a plan that was made smaller leaves out of a script: such an op is answered as one that certainly did not happen, and never
 * reaches anybody, so that the script goes on as after a refusal. The same live and in recall.
 */
import type { Completion, Op, Step } from '../model/op.ts';

/** `over`: nothing of the script is kept from here on. */
export type Reach = 'kept' | 'left-out' | 'over';

/** All steps are kept unless given. What happens to a stream that was never opened is left out with it. */
export function startKeeping(steps: readonly Step[] | undefined): (op: Op, step: Step) => Reach {
  if (steps === undefined) return () => 'kept';
  const kept = new Set(steps);
  const last = steps.reduce((a, b) => Math.max(a, b), -1);
  return (op, step) => {
    // A script that asks until it succeeds would ask for ever.
    if (step > last) return 'over';
    const isOnStream = op.op === 'read' || op.op === 'leave';
    return kept.has(step) && (!isOnStream || kept.has(op.stream)) ? 'kept' : 'left-out';
  };
}

export function completeLeftOut(step: Step): Completion {
  const message = 'the plan leaves this op out';
  return { step, outcome: { type: 'fail', error: { code: 'left-out', message } }, events: [] };
}
