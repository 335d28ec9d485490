/**
 * junit.xml: a test suite per scenario and a test case per check, in the dialect that CI systems read. JUnit knows no
 * `inconclusive`; whatever could not be decided is an error here, because a reader that sees neither failure nor error
 * takes the run for a pass. What the baseline accepts is skipped, with all that a failure would tell.
 */
import type { TargetPlan } from '../../harness/model/plan.ts';
import type { CheckRecord, FindingRecord, GateRecord, RunRecord } from '../../harness/model/record.ts';
import { joinedReasons } from '../coverage.ts';
import { baselineWords, isAccepted } from '../known.ts';
import { gateValue, interruption } from '../outcome.ts';
import { targetWords } from '../tell.ts';
import { evidenceText } from './evidence.ts';
import { element, textElement } from './xml.ts';

type Result = 'passed' | 'failure' | 'error' | 'skipped';

interface Case {
  readonly name: string;
  readonly result: Result;
  readonly type?: string;
  readonly message?: string;
  readonly text?: string;
}

interface Suite {
  readonly name: string;
  readonly duration_ms: number;
  readonly replay: string;
  readonly cases: readonly Case[];
}

function checkCase(record: CheckRecord, findings: readonly FindingRecord[]): Case {
  const name = record.check;
  if (record.status === 'held') return { name, result: 'passed' };
  const note = record.note === undefined ? '' : `: ${record.note}`;
  if (record.status === 'no-evidence') return { name, result: 'skipped', message: `no evidence${note}` };
  if (record.status === 'crashed')
    return { name, result: 'error', type: 'crashed', message: `the check crashed${note}` };
  const own = findings.filter(({ check }) => check === name);
  const text = own.map(evidenceText).join('\n\n');
  const fresh = own.filter((finding) => !isAccepted(finding));
  const [first = own[0]] = fresh;
  if (fresh.length === 0 && first !== undefined)
    return {
      name,
      result: 'skipped',
      message: `known: ${first.message}; ${baselineWords(first).join('; ')}${others(own)}`,
      text,
    };
  const message = first?.message ?? `violated${note}`;
  return { name, result: 'failure', type: first?.kind ?? name, message: `${message}${others(fresh)}`, text };
}

const others = ({ length }: readonly FindingRecord[]): string => (length > 1 ? ` (and ${length - 1} more)` : '');

function scenarioSuite(scenario: RunRecord['scenarios'][number], replay: string): Suite {
  const reasons = joinedReasons(scenario.reasons);
  const cases = scenario.applicable
    ? scenario.checks.map((check) => checkCase(check, scenario.findings))
    : [{ name: 'applicable', result: 'skipped', message: `not applicable: ${reasons}` } as const];
  const undecided: Case = { name: 'conclusive', result: 'error', type: 'inconclusive', message: reasons };
  return {
    name: scenario.name,
    duration_ms: scenario.metrics === null ? 0 : scenario.metrics.ended_ms - scenario.metrics.started_ms,
    replay: scenario.findings[0]?.replay ?? replay,
    cases: scenario.verdict === 'inconclusive' ? [...cases, undecided] : cases,
  };
}

function gateCase(record: GateRecord): Case {
  const { gate: name, status, samples } = record;
  if (status === 'met') return { name, result: 'passed' };
  const message = `${name}: ${status === 'missed' ? `was ${gateValue(record)}` : 'too few samples'} (n = ${samples})`;
  return status === 'missed'
    ? { name, result: 'failure', type: 'gate', message }
    : { name, result: 'error', type: 'no-samples', message };
}

/** Gates, and why the run as a whole proves less than it should. */
function runSuites(record: RunRecord): readonly Suite[] {
  const replay = record.run.replay;
  const stopped = interruption(record);
  const reasons = [
    ...(stopped === null ? [] : [stopped]),
    ...(record.verdict === 'inconclusive' ? record.reasons : []),
  ];
  const error = { name: 'run', result: 'error', type: record.run.ended, message: joinedReasons(reasons) } as const;
  return [
    ...(record.gates.length === 0
      ? []
      : [{ name: 'gates', duration_ms: 0, replay, cases: record.gates.map(gateCase) }]),
    ...(reasons.length === 0 ? [] : [{ name: 'run', duration_ms: record.run.duration_ms, replay, cases: [error] }]),
  ];
}

function caseLines(suite: string, { name, result, type, message, text }: Case): readonly string[] {
  const outcome = { ...(type === undefined ? {} : { type }), message: message ?? '' };
  const children = result === 'passed' ? [] : [textElement(result, outcome, text ?? '')];
  return element('testcase', { name, classname: `muster.${suite}` }, children);
}

function counts(cases: readonly Case[]): Readonly<Record<string, number>> {
  const of = (result: Result): number => cases.filter((each) => each.result === result).length;
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
}

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3);

function suiteLines(suite: Suite, record: RunRecord): readonly string[] {
  const target: TargetPlan = record.run.target;
  const properties = [
    ['seed', String(record.seed)],
    ['target', targetWords(target)],
    ['replay', suite.replay],
  ].map(([name = '', value = '']) => element('property', { name, value }, []).join(''));
  const times = { time: seconds(suite.duration_ms), timestamp: record.run.started_at };
  return element('testsuite', { name: suite.name, ...counts(suite.cases), ...times }, [
    ...element('properties', {}, properties),
    ...suite.cases.flatMap((each) => caseLines(suite.name, each)),
  ]);
}

export function renderJunit(record: RunRecord): string {
  const suites = [
    ...record.scenarios.map((scenario) => scenarioSuite(scenario, record.run.replay)),
    ...runSuites(record),
  ];
  const all = counts(suites.flatMap(({ cases }) => cases));
  const attributes = { name: `muster ${record.run.name}`, ...all, time: seconds(record.run.duration_ms) };
  const lines = element(
    'testsuites',
    attributes,
    suites.flatMap((suite) => suiteLines(suite, record)),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join('\n')}\n`;
}
