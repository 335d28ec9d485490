/**
 * The verdict of a run: the worst of what its scenarios and gates say, never a pass where something was not learned.
 * A run that was cut off can convict by what it saw, but can neither pass nor miss a gate.
 */
import type { RunEnded } from '../model/history.ts';
import {
  type GateRecord,
  type ScenarioVerdict,
  VERDICT_SCHEMA,
  type Verdict,
  type VerdictWord,
} from '../model/record.ts';

export interface RunOutcome {
  /** Null when the history ends without it. */
  readonly ended: RunEnded | null;
  readonly scenarios: readonly ScenarioVerdict[];
  readonly gates: readonly GateRecord[];
  /** Scenarios in the history that the plan does not name. */
  readonly strangers: readonly string[];
}

export function judgeRun({ ended, scenarios, gates, strangers }: RunOutcome): Verdict {
  const reasons = [
    ...cutOff(ended),
    ...nothingApplicable(scenarios),
    ...strangers.map((name) => `The history tells of a scenario "${name}" that the plan does not name.`),
    ...scenarios.flatMap(({ name, verdict, reasons }) =>
      verdict === 'not-applicable' ? [] : reasons.map((reason) => `${name}: ${reason}`),
    ),
    ...gates.filter(({ status }) => status === 'no-samples').map(unmeasured),
  ];
  const missed = gates.filter(({ status }) => status === 'missed');
  // Only what was killed ends without a word.
  const how = ended?.reason ?? 'interrupted';
  const convicted = scenarios.some(({ verdict }) => verdict === 'fail');
  const failed = convicted || (missed.length > 0 && how === 'finished');
  const verdict: VerdictWord = failed ? 'fail' : reasons.length > 0 ? 'inconclusive' : 'pass';
  return {
    schema: VERDICT_SCHEMA,
    verdict,
    exit_code: exitCode(verdict, convicted, how),
    ended: how,
    reasons: [...missed.map(tooBad), ...reasons],
    scenarios,
    gates,
  };
}

/** 0 pass · 1 findings · 2 inconclusive · 3 gate missed, no findings · 130 interrupted, no findings. */
function exitCode(verdict: VerdictWord, convicted: boolean, ended: Verdict['ended']): number {
  if (convicted) return 1;
  if (ended === 'interrupted') return 130;
  if (verdict === 'fail') return 3;
  return verdict === 'pass' ? 0 : 2;
}

function cutOff(ended: RunEnded | null): string[] {
  if (ended === null) return ['The history has no end: the run was killed, or its file is incomplete.'];
  const because = ended.message === undefined ? '' : `: ${ended.message}`;
  if (ended.reason === 'interrupted') return [`The run was interrupted${because || '.'}`];
  if (ended.reason === 'crashed') return [`The run ended early${because || '.'}`];
  return [];
}

function nothingApplicable(scenarios: readonly ScenarioVerdict[]): string[] {
  if (scenarios.some(({ applicable }) => applicable)) return [];
  if (scenarios.length === 0) return ['The plan has no scenario, so nothing was learned.'];
  return [`No scenario of ${scenarios.length} is applicable to this agent, so nothing was learned.`];
}

function unmeasured({ gate, samples }: GateRecord): string {
  return `The gate ${gate} has too few samples (${samples}) to be met or missed.`;
}

function tooBad({ gate, value, samples }: GateRecord): string {
  // Only a recovery can be missed without a number.
  return `The gate ${gate} was missed: ${value ?? 'the agent never came back'} (${samples} samples).`;
}
