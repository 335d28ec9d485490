import { expect, test } from 'vitest';
import { heldChecks, joinedReasons, unjudged } from './coverage.ts';
import { gateValue, interruption, outcome, tally } from './outcome.ts';
import { EMPTY } from './samples/base.ts';
import { failing } from './samples/failing.ts';
import { interrupted } from './samples/interrupted.ts';
import { loaded } from './samples/loaded.ts';
import { passing } from './samples/passing.ts';

test('the headline is the first finding, or what held, or why nothing can be said', () => {
  expect(outcome(failing)).toEqual({ word: 'FAIL', tone: 'bad', headline: 'A cancelled task came back as COMPLETED' });
  expect(outcome(passing).headline).toBe('All 4 checks that met evidence held, in 2 of 3 scenarios');
  expect(outcome(EMPTY)).toMatchObject({ word: 'INCONCLUSIVE', tone: 'warn' });
});

test('a load whose checks were off passes by its gates, and not by what muster found of itself', () => {
  const scenarios = loaded.scenarios.map((scenario) => {
    const { metrics } = scenario;
    return metrics?.load === undefined
      ? scenario
      : { ...scenario, metrics: { ...metrics, load: { ...metrics.load, checks: 'off' as const } } };
  });
  const passed = { ...loaded, verdict: 'pass', exit_code: 0, gates: loaded.gates.slice(0, 1) } as const;
  expect(outcome({ ...passed, scenarios }).headline).toBe('1 gate was met; nothing else was asked');
  expect(outcome(passed).headline).toBe('All 4 checks that met evidence held, in 1 of 1 scenario');
});

test('a run that failed by a gate alone says which', () => {
  const missed = { ...passing, verdict: 'fail', exit_code: 3, gates: failing.gates } as const;
  expect(outcome(missed)).toMatchObject({
    word: 'GATE MISSED',
    headline: 'The gate error_rate < 0.1% was missed: 9.8 %',
  });
});

test('a gate without a number has no made-up one', () => {
  expect(failing.gates.map(gateValue)).toEqual(['96.4', '9.8 %', 'no number']);
});

test('a run that did not end by itself says so, and others do not', () => {
  expect(interruption(interrupted)).toContain('was interrupted');
  expect(interruption(passing)).toBeNull();
});

test('scenarios are counted by verdict', () => {
  expect([tally(failing), tally(EMPTY)]).toEqual([
    '2 passed, 1 failed, 1 inconclusive, 1 not applicable',
    'no scenario ran',
  ]);
});

test('a check that was violated once does not count as held elsewhere', () => {
  const names = heldChecks(failing).map(({ check }) => check);
  expect(names).not.toContain('terminal-is-final');
  expect(heldChecks(failing).find(({ check }) => check === 'stream-shape')).toMatchObject({
    evidence: 1640,
    scenarios: 4,
  });
});

test('what was not judged is grouped by its reason', () => {
  const twice = passing.scenarios.map((scenario) => ({ ...scenario, name: `${scenario.name}-again` }));
  const groups = unjudged({ ...passing, scenarios: [...passing.scenarios, ...twice] });
  expect(groups.map(({ kind, names }) => [kind, names])).toEqual([
    ['scenario', ['access-matrix', 'access-matrix-again']],
    ['check', ['recovers']],
  ]);
});

test('reasons are joined whether or not they are sentences', () => {
  expect(joinedReasons(['It was late.', 'no card'])).toBe('It was late; no card');
  expect(joinedReasons([])).toBe('no reason given');
});
