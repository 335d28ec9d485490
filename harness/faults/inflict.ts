/**
 * The life of every fault in one place: bite, then heal exactly once, whatever happens in between. A bite that fails or
 * is interrupted is healed before the error goes on, so nothing stays hurt without an owner.
 */
import { reasonOf } from '../model/reason-of.ts';
import { type AppliedFault, FaultFailed, type TurnedAway } from './fault.ts';

export interface Wound {
  /** Hurts, and resolves with a proof when the effect is visible. */
  bite(): Promise<string>;
  /** Undoes it. Called once, also after a bite that failed or has not ended yet. */
  heal(): Promise<string>;
  /** How often traffic has met it, where that can be counted. */
  readonly hits?: () => number;
  readonly turnedAway?: () => TurnedAway | undefined;
}

/** `what` completes "Failed to …". Aborting `signal` ends the wait for the bite; healing is never interrupted. */
export async function inflict(what: string, wound: Wound, signal: AbortSignal): Promise<AppliedFault> {
  signal.throwIfAborted();
  let healing: Promise<string> | undefined;
  const heal = (): Promise<string> => {
    healing ??= wound.heal();
    return healing;
  };
  let proof: string;
  try {
    proof = await orAborted(wound.bite(), signal);
  } catch (error) {
    try {
      await heal();
    } catch (healError) {
      throw new FaultFailed(
        `Failed to ${what}: ${reasonOf(error)}; and healing failed too: ${reasonOf(healError)}. ` +
          'The agent may still be hurt: stop it and start the run again.',
        { cause: new AggregateError([error, healError]) },
      );
    }
    if (signal.aborted || error instanceof FaultFailed) throw error;
    throw new FaultFailed(`Failed to ${what}: ${reasonOf(error)}. It was healed again.`, { cause: error });
  }
  return {
    proof,
    heal,
    ...(wound.hits && { hits: wound.hits }),
    ...(wound.turnedAway && { turnedAway: wound.turnedAway }),
    async [Symbol.asyncDispose]() {
      // Whoever called heal() has its failure already; throwing it twice would hide what ended the scope.
      if (healing === undefined) await heal();
      else await healing.catch(() => undefined);
    },
  };
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
