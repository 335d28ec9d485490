/** What a run is given: a plan, and the live things that the plan only names. */
import type { Warden } from '../agents/warden.ts';
import type { Check } from '../model/check.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { Fixture } from '../model/live.ts';
import type { Measures } from '../model/measurement.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';

export type LiveTarget =
  | {
      readonly kind: 'fixture';
      readonly fixture: Fixture;
      /** Starts the same fixture in a process of its own. */
      readonly command: string;
    }
  | { readonly kind: 'command'; readonly command: string; readonly socket_activation?: true }
  | { readonly kind: 'url'; readonly url: string };

export interface RunOptions {
  readonly plan: Plan;
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly target: LiveTarget;
  /** The agent that the target delegates to, where a scenario breaks it. */
  readonly peer: Fixture;
  /** Those that work for it, by what they do. */
  readonly crew?: Readonly<Record<string, Fixture>>;
  readonly checks: readonly Check[];
  /** The headers of the user at a position. */
  readonly headersOf: (index: number) => Readonly<Record<string, string>>;
  /** The run folder; it exists and is empty. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** For who runs many plans: one for all of them. */
  readonly warden?: Warden;
  /** Called with every event, after it was written. */
  readonly onEvent?: (event: HistoryEvent) => void;
  /** What a thread of a load runs: it calls `workOnLoad` with the scenarios that there are. Without it one thread does all. */
  readonly load_worker?: URL;
  /** For a load that k6 makes. */
  readonly k6?: { readonly program: string };
  /** Told what a load measures of users who are not written down. */
  readonly measures?: Measures;
}

/** The target could not even be started, so nothing was tested. The message says what to do. */
export class TargetError extends Error {
  override name = 'TargetError';
}

/** What the scenario needs is not to be had on this machine. The message says what, and why. */
export class NotApplicable extends Error {
  override name = 'NotApplicable';
}

/** Why a run was stopped, where that is more than Ctrl-C: the reason of its signal. The message goes on after "it was interrupted:". */
export class RunStopped extends Error {
  override name = 'RunStopped';
}
