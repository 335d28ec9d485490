/**
 * The rules that turn what the checks saw in one scenario into a word. Only a scenario that ran to its end, with every
 * check sound and everything exercised that it promises, may pass; whatever is missing makes it inconclusive.
 */
import { fingerprintOf } from '../model/baseline.ts';
import type { Check, Finding } from '../model/check.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import type { CheckRecord, FindingRecord, ScenarioVerdict } from '../model/record.ts';
import type { PeerCallRecord } from '../model/whereabouts.ts';
import { holdAgainst } from './baseline.ts';
import { believe, whyNoClock } from './by-the-clock.ts';
import type { PeerCalls } from './peer-calls.ts';
import { replayLine } from './replay.ts';
import type { CheckOutcome, Progress } from './scenario-trial.ts';
import { whereaboutsOf } from './whereabouts.ts';

export interface Knowledge {
  /** On which the run began, if that is known. */
  readonly day: string | null;
  /** How much of the time in which muster had work to do it waited for a core, if that is known. */
  readonly waited_percent: number | null;
  /** Evidence as the history has it. */
  readonly whole: (evidence: Finding['evidence']) => readonly HistoryEvent[];
  readonly callsCausedBy: PeerCalls['causedBy'];
  /** Why what was measured of a load says nothing of the agent. */
  readonly distrust: readonly string[];
}

export function judgeScenario(
  plan: Plan,
  scenario: ScenarioPlan,
  progress: Progress,
  told: readonly CheckOutcome[],
  { day, waited_percent, whole, callsCausedBy, distrust: ofLoad }: Knowledge,
): ScenarioVerdict {
  const { name, title } = scenario;
  const notApplicable = scenario.not_applicable ?? progress.notApplicable;
  if (notApplicable !== null) return notApplicableFor(scenario, notApplicable);
  const { outcomes, doubts } = believe(told, whyNoClock(plan.policy, told, waited_percent));
  const findings = outcomes
    .flatMap((outcome) => accusations(plan, scenario, outcome, whole))
    .map((finding) => withPeerCalls(finding, callsCausedBy(finding.evidence)))
    .map((finding) => holdAgainst(plan.baseline?.findings ?? [], day, finding));
  const failed = findings.some(({ accepted }) => accepted !== true);
  const missed = plan.load?.checks === 'off' ? unasked(plan) : unexercised(scenario, outcomes);
  const reasons = progress.seen
    ? [...unfinished(progress), ...outcomes.flatMap(distrust), ...doubts, ...ofLoad, ...missed]
    : ['It left no event in the history: it did not begin.'];
  // Nothing else may be wrong: neither an accusation nor a doubt is lost by it.
  if (
    plan.load === undefined &&
    progress.lacks !== null &&
    findings.length === 0 &&
    missed.length > 0 &&
    reasons.length === missed.length + outcomes.flatMap(waitedInVain).length
  ) {
    return notApplicableFor(scenario, progress.lacks);
  }
  return {
    name,
    title,
    verdict: failed ? 'fail' : reasons.length > 0 ? 'inconclusive' : 'pass',
    applicable: true,
    reasons,
    findings,
    checks: outcomes.map(toCheckRecord),
  };
}

const notApplicableFor = ({ name, title }: ScenarioPlan, reason: string): ScenarioVerdict => ({
  name,
  title,
  verdict: 'not-applicable',
  applicable: false,
  reasons: [reason],
  findings: [],
  checks: [],
});

/** What a check of the harness finds is a reason not to trust the run, and accuses no agent. */
function accusations(
  plan: Plan,
  scenario: ScenarioPlan,
  { check, result }: CheckOutcome,
  whole: Knowledge['whole'],
): FindingRecord[] {
  if (check.judges !== 'agent' || result === null) return [];
  return result.findings.map((finding) => toFindingRecord(plan, scenario, check, finding, whole(finding.evidence)));
}

function unfinished(progress: Progress): string[] {
  if (progress.broken !== null) return [`It could not be carried out: ${progress.broken}`];
  if (!progress.ended) return ['It did not run to its end.'];
  if (progress.early !== null) return [`The load ended before its time: ${progress.early}`];
  return [];
}

function distrust({ check, result, crash }: CheckOutcome): string[] {
  if (crash !== undefined) return [`The check ${check.name} crashed, so it has told nothing: ${crash.message}`];
  if (check.judges !== 'harness' || result === null) return [];
  return result.findings.map(
    ({ message, expected, seen }) => `${check.name}: ${message}. Expected: ${expected} Seen: ${seen}`,
  );
}

/** Of an agent that lacks something: a fault may have waited for just that, and met nothing. */
function waitedInVain({ check, result }: CheckOutcome): readonly Finding[] {
  if (check.judges !== 'harness' || result === null) return [];
  return result.findings.filter(({ kind }) => `${check.name}/${kind}` === 'harness-valid/fault-without-effect');
}

/** Without checks the verdict rests on gates. */
function unasked({ gates }: Plan): string[] {
  return gates.length > 0
    ? []
    : ['Nothing was asked of it: its checks are off, and it has no gate. Give one with --gate.'];
}

function unexercised(scenario: ScenarioPlan, outcomes: readonly CheckOutcome[]): string[] {
  return scenario.must_exercise.flatMap((name) => {
    const [checkName, aspect] = name.split('/');
    const outcome = outcomes.find(({ check }) => check.name === checkName);
    if (outcome === undefined) return [`It did not exercise ${name}: there is no check of that name.`];
    // A crash is a reason of its own.
    if (outcome.result === null) return [];
    const { evidence, aspects } = outcome.result;
    if ((aspect === undefined ? evidence : (aspects?.[aspect] ?? 0)) > 0) return [];
    return [`It did not exercise ${name}: ${outcome.result.note ?? 'nothing happened that this check can judge.'}`];
  });
}

function toCheckRecord({ check, result, crash }: CheckOutcome): CheckRecord {
  if (result === null) {
    const stack = crash === undefined || crash.stack.length === 0 ? {} : { stack: crash.stack };
    return { check: check.name, status: 'crashed', evidence: 0, ...noteOf(crash?.message), ...stack };
  }
  const status = result.findings.length > 0 ? 'violated' : result.evidence > 0 ? 'held' : 'no-evidence';
  return { check: check.name, status, evidence: result.evidence, ...noteOf(result.note) };
}

function noteOf(note: string | undefined): { readonly note?: string } {
  return note === undefined ? {} : { note };
}

const withPeerCalls = (finding: FindingRecord, peer_calls: readonly PeerCallRecord[]): FindingRecord =>
  peer_calls.length === 0 ? finding : { ...finding, peer_calls };

function namesOf({ names = [] }: ScenarioPlan, users: readonly string[]): Pick<FindingRecord, 'names'> {
  const called = names.map((name, index) => [`u${index + 1}`, name] as const).filter(([user]) => users.includes(user));
  return called.length === 0 ? {} : { names: Object.fromEntries(called) };
}

function toFindingRecord(
  plan: Plan,
  scenario: ScenarioPlan,
  check: Check,
  finding: Finding,
  evidence: readonly HistoryEvent[],
): FindingRecord {
  const at = whereaboutsOf(evidence);
  return {
    check: check.name,
    kind: finding.kind,
    fingerprints: finding.shapes.map((shape) => fingerprintOf(check.name, finding.kind, shape)),
    message: finding.message,
    expected: finding.expected,
    seen: finding.seen,
    users: finding.users,
    ...namesOf(scenario, finding.users),
    tasks: finding.tasks,
    ...(at === undefined ? {} : { at }),
    evidence,
    occurrences: finding.occurrences,
    ...(check.section === 'policy' ? {} : { spec: check.section }),
    replay: replayLine(plan, scenario.name),
  };
}
