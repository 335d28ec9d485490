/**
 * Some findings say that something took too long. Where muster itself was late, nobody knows who was too slow: it may have sent late,
 * read late, or taken the processor from an agent on the same machine. So they accuse nobody then, and are a reason more not to trust
 * the run; what does not depend on time stays a finding.
 */
import type { Finding } from '../model/check.ts';
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

export function believe(outcomes: readonly CheckOutcome[]): Believed {
  const isLate = outcomes.some(({ check, result }) =>
    result?.findings.some(({ kind }) => LATE.has(`${check.name}/${kind}`)),
  );
  if (!isLate) return { outcomes, doubts: [] };
  const rests = ({ check }: CheckOutcome, { kind }: Finding): boolean => BY_THE_CLOCK.has(`${check.name}/${kind}`);
  const doubts = outcomes.flatMap((outcome) =>
    (outcome.result?.findings ?? [])
      .filter((finding) => rests(outcome, finding))
      .map(
        ({ message, occurrences }) =>
          `${outcome.check.name}: ${message} (${occurrences} times). Muster itself was late, so it may be its own doing, and is not held against the agent.`,
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
