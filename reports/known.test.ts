import { expect, test } from 'vitest';
import { renderJunit } from './junit/junit.ts';
import { baselineWords, findingCount, onlyAccepted, unmetEntries } from './known.ts';
import { outcome } from './outcome.ts';
import { BOB_READS_ALICE, CANCELLED_CAME_BACK } from './samples/cancelled-came-back.ts';
import { failing } from './samples/failing.ts';
import { known } from './samples/known.ts';

const entry = (finding: string, changes = {}) => ({
  finding,
  reason: '#12',
  until: '2026-12-31',
  expired: false,
  ...changes,
});
const [GET, CANCEL] = [
  'terminal-is-final/terminal-left/GetTask',
  'terminal-is-final/terminal-left/CancelTask',
] as const;
const accepted = { ...CANCELLED_CAME_BACK, accepted: true, known: [entry(GET)] } as const;

test('a finding says what of it is accepted, what was, and what is new', () => {
  expect(baselineWords(CANCELLED_CAME_BACK)).toEqual([]);
  expect(baselineWords(accepted)).toEqual(['accepted until 2026-12-31: #12']);
  const two = { ...CANCELLED_CAME_BACK, fingerprints: [GET, CANCEL] };
  expect(baselineWords({ ...two, known: [entry(GET), entry(CANCEL)] })).toEqual(['accepted until 2026-12-31: #12']);
  expect(baselineWords({ ...two, known: [entry(GET)] })).toEqual([
    `accepted until 2026-12-31: #12 (${GET})`,
    `new: ${CANCEL}`,
  ]);
  const expired = entry(CANCEL, { expired: true, until: '2026-11-01' });
  expect(baselineWords({ ...two, known: [entry(GET), expired] })).toEqual([
    `accepted until 2026-12-31: #12 (${GET})`,
    `was accepted until 2026-11-01: #12 (${CANCEL})`,
  ]);
});

test('a check is quiet only where all that it found is accepted', () => {
  const unaccepted = { ...CANCELLED_CAME_BACK, kind: 'another' };
  expect(onlyAccepted({ findings: [accepted, BOB_READS_ALICE] }, 'terminal-is-final')).toBe(true);
  expect(onlyAccepted({ findings: [accepted, unaccepted] }, 'terminal-is-final')).toBe(false);
  expect(onlyAccepted({ findings: [accepted] }, 'user-isolation')).toBe(false);
  const scenarios = known.scenarios.map((scenario) => ({ ...scenario, findings: [accepted, unaccepted] }));
  expect(renderJunit({ ...known, scenarios })).toMatch(
    /name="terminal-is-final" [^>]*cancel-race">\s*<failure type="another"/,
  );
});

test('the headline is the first open finding, and a pass does not hide what was accepted', () => {
  expect(outcome(known).headline).toBe('The answer to bob holds a text that only alice had sent');
  expect([findingCount(known), findingCount(failing)]).toEqual(['1 open finding, 1 accepted,', '2 findings']);
  const scenarios = known.scenarios.map((scenario) => ({ ...scenario, findings: scenario.findings.slice(0, 1) }));
  expect(outcome({ ...known, verdict: 'pass', exit_code: 0, scenarios }).headline).toBe(
    'Nothing new: 1 known finding is accepted for a while, and 7 other checks held, in 2 of 5 scenarios',
  );
});

test('entries that were not met are grouped by what that means, and a run without a baseline has none', () => {
  expect(unmetEntries(known).map(({ title, entries }) => [title, entries.length])).toEqual([
    ['Not seen this time', 1],
    ['Not judged', 1],
  ]);
  expect(unmetEntries(failing)).toEqual([]);
});
