/**
 * Carries out a shrinking: tries each plan that it asks for as often as it takes to believe a silence, and stops in time. How a plan is
 * tried, what time it is and when to stop are arguments, so that no agent is needed to see that it is right.
 */
import type { Only } from '../model/plan.ts';
import { type Answer, type Start, smallerPlans } from './smaller-plans.ts';
import { type Rate, triesNeeded } from './tries.ts';

/** One candidate, when it is decided. */
export interface Tried {
  readonly only: Only;
  readonly failed: boolean;
  readonly tries: number;
}

export interface Shrunk {
  /** From the smallest that failed to the largest; none where nothing smaller than the whole plan did. */
  readonly smallest: readonly Only[];
  readonly candidates: number;
  readonly tries: number;
  /** Whether nothing was left to try. */
  readonly finished: boolean;
}

export interface TryResult {
  /** Nothing where it was stopped before that was known. */
  readonly answer: Answer | undefined;
  readonly tries: number;
}

export interface ShrinkOptions {
  readonly start: Start;
  /** So often, or until it fails. */
  readonly tryPlan: (only: Only, times: number) => Promise<TryResult>;
  readonly isOver: () => boolean;
  readonly onTried: (tried: Tried) => void;
}

export async function shrink({ start, tryPlan, isOver, onTried }: ShrinkOptions): Promise<Shrunk> {
  const shrinking = smallerPlans(start);
  const smallest: Only[] = [];
  let best: Rate = { seen: 1, tries: 1 };
  let candidates = 0;
  let tries = 0;
  let next = shrinking.next();
  while (!next.done && !isOver()) {
    const { only, once } = next.value;
    const { answer, tries: own } = await tryPlan(only, once ? 1 : triesNeeded(best));
    tries += own;
    if (answer === undefined) break;
    candidates += 1;
    onTried({ only, failed: answer.failed, tries: own });
    if (answer.failed) {
      smallest.unshift(only);
      best = { seen: 1, tries: own };
    }
    next = shrinking.next(answer);
  }
  // It may have gone back to one that is no larger, and surer.
  if (next.done && smallest.length > 0 && smallest[0] !== next.value) smallest.unshift(next.value);
  return { smallest, candidates, tries, finished: next.done === true };
}
