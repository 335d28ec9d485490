/** Runs a script live: hands each op it asks for to a performer and gives back what came of it. */
import type { Completion, Op, Script, Step } from '../model/op.ts';
import { completeLeftOut, startKeeping } from './left-out.ts';
import { GaveUp } from './vocabulary.ts';

/** Never rejects, but when the run is being stopped. */
export type Perform = (op: Op, step: Step) => Promise<Completion>;

/** Gives the reason when the script gave up, and nothing when it came to its end; `steps` are those that the plan keeps. */
export async function drive(script: Script, perform: Perform, steps?: readonly Step[]): Promise<string | undefined> {
  const reachOf = startKeeping(steps);
  try {
    let next = script.next();
    for (let step = 0; !next.done; step += 1) {
      const reach = reachOf(next.value, step);
      if (reach === 'over') return undefined;
      next = script.next(reach === 'kept' ? await perform(next.value, step) : completeLeftOut(step));
    }
    return undefined;
  } catch (error) {
    if (error instanceof GaveUp) return error.message;
    throw error;
  }
}
