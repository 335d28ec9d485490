/** Checks are folds over a history: pure, bounded in memory, the same live and afterwards. */
import type { HistoryEvent, InvokeEvent } from './history.ts';
import type { Evidence } from './kept.ts';
import type { Op } from './op.ts';
import type { Plan, ScenarioPlan } from './plan.ts';
import type { Scene } from './scene.ts';

export interface CheckContext {
  readonly plan: Plan;
  readonly scenario: ScenarioPlan;
  readonly scene: Scene;
}

export interface Finding {
  /** What kind of thing went wrong; findings of one kind are told once, with a count. */
  readonly kind: string;
  /** What the impossible event was, each time that this kind was seen, in words that are the same in every run. */
  readonly shapes: readonly string[];
  /** One sentence, as a headline: what the agent did. */
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
  readonly users: readonly string[];
  readonly tasks: readonly string[];
  /** The few events that show it, in order; the last is the one that cannot be. */
  readonly evidence: readonly Evidence[];
  /** How many times this kind was seen in the scenario. */
  readonly occurrences: number;
}

export interface CheckResult {
  /** How many times the check could have failed. */
  readonly evidence: number;
  readonly findings: readonly Finding[];
  /** Evidence of the kinds that `Check.aspects` names. */
  readonly aspects?: Readonly<Record<string, number>>;
  /** What the reader should know of it: what was left out, and why. */
  readonly note?: string;
}

export interface Fold {
  /** `invoke` is the op that an `event`, `ok`, `fail` or `info` belongs to. */
  add(event: HistoryEvent, invoke?: InvokeEvent): void;
  close(): CheckResult;
}

export interface Check {
  readonly name: string;
  /** What must hold, as a sentence. */
  readonly title: string;
  /** Sections of the A2A specification, or `policy`. */
  readonly section: string;
  /** What it remembers, and how that grows. */
  readonly memory: string;
  /** Kinds of evidence that a scenario may insist on, as `ports-hold/stolen`; `any` where scenarios name them. */
  readonly aspects?: readonly string[] | 'any';
  /** The events that it looks at; all of them unless given. Of ops these are `invoke`, `event`, `ok`, `fail` and `info`. */
  readonly reads?: readonly HistoryEvent['type'][];
  /** Of what is told of ops, those that it looks at; all of them unless given. */
  readonly ops?: readonly Op['op'][];
  /**
   * Whether anything that the plan brings is its business; where not, it is given no event, and has no evidence. All scenarios are unless
   * given.
   */
  readonly concerns?: (scenario: ScenarioPlan) => boolean;
  /** A violation says that the run cannot be trusted, not that the agent is wrong. */
  readonly judges: 'agent' | 'harness';
  readonly start: (context: CheckContext) => Fold;
}
