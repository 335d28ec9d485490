/** What a baseline may do to a verdict, and what it may not: each rule by the smallest history that it decides. */
import { expect, test } from 'vitest';
import type { BaselineEntry } from '../model/baseline.ts';
import type { Check, Finding } from '../model/check.ts';
import { HISTORY_SCHEMA, type HistoryEvent } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import { dayOf } from './baseline.ts';
import { judge } from './judge.ts';
import { callLines, scenarioLines, smallHistory, smallPlan, smallScenario } from './testing.ts';

/** On this day the small histories begin. */
const TODAY = '2026-11-21';

const finding = (shapes: readonly string[]): Finding => ({
  kind: 'left-terminal',
  shapes,
  message: 'A task left a terminal state.',
  expected: 'It stays.',
  seen: 'It left.',
  users: [],
  tasks: [],
  evidence: [],
  occurrences: 3,
});

function check(name: string, evidence: number, findings: readonly Finding[] = []): Check {
  const start = () => ({ add: () => undefined, close: () => ({ evidence, findings }) });
  return { name, title: name, section: 'policy', memory: 'nothing', judges: 'agent', start };
}

const accuses = check('accuses', 1, [finding(['GetTask', 'CancelTask fail InternalError'])]);
const [GET, CANCEL] = ['accuses/left-terminal/GetTask', 'accuses/left-terminal/CancelTask fail InternalError'] as const;

const entry = (fingerprint: string, until = '2026-12-31'): BaselineEntry => ({
  finding: fingerprint,
  reason: '#12',
  until,
});
const history = smallHistory(scenarioLines('short', callLines('short', [{ id: 1, due_ms: 1, done_ms: 5 }])));

function verdictWith(entries: readonly BaselineEntry[], changes: Partial<Plan> = {}, events = history) {
  const plan = smallPlan([smallScenario('short')], { baseline: { path: 'known.json', findings: entries }, ...changes });
  return judge(plan, events, [accuses, check('calm', 4), check('blind', 0)]);
}

test('a finding fails nothing when the baseline accepts all of its shapes, and is told all the same', () => {
  const verdict = verdictWith([entry(GET), entry(CANCEL)]);
  expect(verdict).toMatchObject({ verdict: 'pass', exit_code: 0, reasons: [], scenarios: [{ verdict: 'pass' }] });
  expect(verdict.scenarios[0]?.checks[0]).toMatchObject({ check: 'accuses', status: 'violated' });
  expect(verdict.scenarios[0]?.findings[0]).toMatchObject({
    fingerprints: [GET, CANCEL],
    accepted: true,
    known: [
      { finding: GET, reason: '#12', until: '2026-12-31', expired: false },
      { finding: CANCEL, expired: false },
    ],
  });
});

test('one shape that nobody accepted makes it fail as ever', () => {
  const verdict = verdictWith([entry(GET)]);
  expect(verdict).toMatchObject({ verdict: 'fail', exit_code: 1 });
  expect(verdict.scenarios[0]?.findings[0]).toMatchObject({ known: [{ finding: GET }] });
  expect(verdict.scenarios[0]?.findings[0]).not.toHaveProperty('accepted');
  expect(verdictWith([entry('accuses/another-kind/GetTask'), entry(CANCEL)])).toMatchObject({ exit_code: 1 });
});

test('a finding without any shape is never accepted', () => {
  const plan = smallPlan([smallScenario('short')], { baseline: { path: 'known.json', findings: [entry(GET)] } });
  expect(judge(plan, history, [check('accuses', 1, [finding([])])])).toMatchObject({ exit_code: 1 });
});

test('the last day counts, the day after does not, and the finding says that it was accepted', () => {
  const until = (date: string) => verdictWith([entry(GET, date), entry(CANCEL)]);
  expect(until(TODAY)).toMatchObject({ exit_code: 0 });
  const over = until('2026-11-20');
  expect(over).toMatchObject({ exit_code: 1, baseline: { findings: [{ expired: true, status: 'seen' }, {}] } });
  expect(over.scenarios[0]?.findings[0]?.known?.[0]).toMatchObject({ until: '2026-11-20', expired: true });
});

test('a history that does not say when it began accepts nothing', () => {
  const [start, ...rest] = history;
  expect(verdictWith([entry(GET), entry(CANCEL)], {}, rest)).toMatchObject({ exit_code: 1 });
  const undated = { ...start, schema: HISTORY_SCHEMA, started_at: 'yesterday' } as HistoryEvent;
  expect(verdictWith([entry(GET), entry(CANCEL)], {}, [undated, ...rest])).toMatchObject({ exit_code: 1 });
  expect(['2026-11-21T23:59:59.999Z', '2026-11-21T01:00:00+02:00', '', undefined].map(dayOf)).toEqual([
    TODAY,
    null,
    null,
    null,
  ]);
});

test('entries that were not met are told apart by whether their check had anything to judge', () => {
  const names = ['calm/kind/GetTask', 'blind/kind/GetTask', 'no-such-check/kind/GetTask', GET];
  expect(verdictWith(names.map((name) => entry(name))).baseline).toEqual({
    path: 'known.json',
    findings: [
      { ...entry('calm/kind/GetTask'), expired: false, status: 'not-seen' },
      { ...entry('blind/kind/GetTask'), expired: false, status: 'not-judged' },
      { ...entry('no-such-check/kind/GetTask'), expired: false, status: 'not-judged' },
      { ...entry(GET), expired: false, status: 'seen' },
    ],
  });
});

test('the gate on findings counts those that are not accepted', () => {
  const gates = ['findings == 0'];
  expect(verdictWith([entry(GET), entry(CANCEL)], { gates })).toMatchObject({
    exit_code: 0,
    gates: [{ status: 'met', value: 0 }],
  });
  expect(verdictWith([entry(GET)], { gates })).toMatchObject({ gates: [{ status: 'missed', value: 1 }] });
});

test('what is accepted hides nothing else: what was not learned stays inconclusive', () => {
  const scenario = smallScenario('short', { must_exercise: ['blind'] });
  expect(verdictWith([entry(GET), entry(CANCEL)], { scenarios: [scenario] })).toMatchObject({
    verdict: 'inconclusive',
    exit_code: 2,
  });
});

test('without a baseline a verdict has nothing of it', () => {
  const verdict = judge(smallPlan([smallScenario('short')]), history, [accuses]);
  expect(verdict).toMatchObject({ exit_code: 1 });
  expect(verdict).not.toHaveProperty('baseline');
});
