/**
 * Some findings say that something took too long. Where muster itself was late, or had hardly a core to run on, nobody knows who was too
 * slow: it may have sent late, read late, or the machine was as busy for an agent that is on it, too. So they accuse nobody then, and are
 * a reason not to trust the run; what does not depend on time stays a finding.
 */
import type { Finding } from '../model/check.ts';
import type { Policy } from '../model/plan.ts';
import type { CheckOutcome } from './scenario-trial.ts';

/** What says that muster was late. */
const LATE: ReadonlySet<string> = new Set(['harness-valid/harness-out-of-breath', 'harness-valid/harness-late']);

/** Each rests on one of the limits of the policy that are times, or on a time-out. */
const BY_THE_CLOCK: ReadonlySet<string> = new Set([
  'answers-all/not-answered',
  'answers-anyway/kept-waiting',
  'blocking-waits/waits-though-told-not-to',
  'cancel-answers/cancel-answered-late',
  'cancel-answers/cancel-not-answered',
  'errors-mean-it/harms-others',
  'fair/user-starves',
  'no-stuck-task/stuck-task',
  'push-delivery/update-not-pushed',
  'recovers/does-not-recover',
  'recovers/recovers-late',
  'sessions-idle/ended-in-use',
  'sessions-idle/kept-though-idle',
  'slow-reader/others-held-up',
  'stays-up/agent-does-not-answer',
]);

export interface Believed {
  readonly outcomes: readonly CheckOutcome[];
  /** A sentence for each finding that is not believed. */
  readonly doubts: readonly string[];
}

/** Why nobody can be accused of being slow, as the beginning of a sentence; nothing where they can. */
export function whyNoClock(
  { harness_wait_percent_max }: Policy,
  outcomes: readonly CheckOutcome[],
  waited_percent: number | null,
): string | null {
  const isLate = outcomes.some(({ check, result }) =>
    result?.findings.some(({ kind }) => LATE.has(`${check.name}/${kind}`)),
  );
  if (isLate) return 'Muster itself was late';
  if (waited_percent === null || !(waited_percent > harness_wait_percent_max)) return null;
  return `Muster waited for a core for ${Math.round(waited_percent)} % of the time in which it had work to do (at most ${harness_wait_percent_max} % by harness_wait_percent_max), and other programs had it`;
}

export function believe(outcomes: readonly CheckOutcome[], why: string | null): Believed {
  if (why === null) return { outcomes, doubts: [] };
  const rests = ({ check }: CheckOutcome, { kind }: Finding): boolean => BY_THE_CLOCK.has(`${check.name}/${kind}`);
  const doubts = outcomes.flatMap((outcome) =>
    (outcome.result?.findings ?? [])
      .filter((finding) => rests(outcome, finding))
      .map(
        ({ message, occurrences }) =>
          `${outcome.check.name}: ${message} (${occurrences} times). ${why}, so it may not be the agent's doing, and is not held against it.`,
      ),
  );
  return {
    doubts,
    outcomes: outcomes.map((outcome) =>
      outcome.result === null
        ? outcome
        : {
            ...outcome,
            result: { ...outcome.result, findings: outcome.result.findings.filter((each) => !rests(outcome, each)) },
          },
    ),
  };
}
