/** Nothing may pass that was not learned: each rule of the verdict is shown by the smallest history that it decides. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Check, CheckResult, Finding } from '../model/check.ts';
import type { HistoryEvent } from '../model/history.ts';
import { type Evidence, keep } from '../model/kept.ts';
import type { Plan } from '../model/plan.ts';
import { judge, startJudge } from './judge.ts';
import { callLines, type Line, scenarioLines, smallHistory, smallPlan, smallScenario } from './testing.ts';

function toyCheck(name: string, close: () => CheckResult, changes: Partial<Check> = {}): Check {
  const start = () => ({ add: () => undefined, close });
  return { name, title: name, section: '§3.1.1', memory: 'nothing', judges: 'agent', start, ...changes };
}

const finding: Finding = {
  kind: 'left-terminal',
  shapes: ['GetTask'],
  message: 'A task left a terminal state',
  expected: 'It stays.',
  seen: 'It left.',
  users: ['user-1'],
  tasks: ['task-1'],
  evidence: [],
  occurrences: 3,
};

const holds = toyCheck('holds', () => ({ evidence: 4, findings: [] }));
const accuses = toyCheck('accuses', () => ({ evidence: 1, findings: [finding] }));
const sawNothing = toyCheck('saw-nothing', () => ({ evidence: 0, findings: [] }));
const lagged = toyCheck('harness-valid', () => ({ evidence: 1, findings: [finding] }), {
  judges: 'harness',
  section: 'policy',
});

/** The fault waited for what never came. */
const idle = toyCheck(
  'harness-valid',
  () => ({ evidence: 1, findings: [{ ...finding, kind: 'fault-without-effect' }] }),
  { judges: 'harness', section: 'policy' },
);

/** Remembers ops by their answers, so that it shows which invocation each event came with. */
const remembers: Check = toyCheck('remembers', () => ({ evidence: 0, findings: [] }), {
  start: ({ scenario }) => {
    const seen: string[] = [];
    const evidence: HistoryEvent[] = [];
    return {
      add(event, invoke) {
        seen.push(`${event.type}${invoke === undefined ? '' : `<${invoke.op_id}`}`);
        if (event.type === 'fail') evidence.push(...(invoke === undefined ? [] : [invoke]), event);
      },
      close: () => ({
        evidence: seen.length,
        findings: evidence.length === 0 ? [] : [{ ...finding, evidence, seen: seen.join(' '), tasks: [scenario.name] }],
      }),
    };
  },
});

/** Accuses by all answers, of which it keeps what checks keep. */
const keeps: Check = toyCheck('keeps', () => ({ evidence: 0, findings: [] }), {
  start: () => {
    const evidence: Evidence[] = [];
    return {
      add(event) {
        if (event.type === 'ok') evidence.push(keep(event));
      },
      close: () => ({ evidence: 1, findings: [{ ...finding, evidence }] }),
    };
  },
});

const one = smallPlan([smallScenario('short')]);
const calm = scenarioLines('short', callLines('short', [{ id: 1, due_ms: 1, done_ms: 5 }]));

function verdictOf(
  plan: Plan,
  lines: readonly Line[],
  checks: readonly Check[],
  reason?: 'interrupted' | 'crashed' | 'killed',
) {
  return judge(plan, smallHistory(lines, reason), checks);
}

test('a scenario that ran to its end with every check holding passes', () => {
  expect(verdictOf(one, calm, [holds, sawNothing])).toMatchObject({
    verdict: 'pass',
    exit_code: 0,
    ended: 'finished',
    reasons: [],
    scenarios: [
      {
        verdict: 'pass',
        checks: [
          { check: 'holds', status: 'held', evidence: 4 },
          { check: 'saw-nothing', status: 'no-evidence', evidence: 0 },
        ],
      },
    ],
  });
});

test('a finding of a check of the agent fails the run, with its section and the line that replays it', () => {
  const { scenarios, ...verdict } = verdictOf(one, calm, [accuses, holds]);
  const { shapes: _, ...told } = finding;
  expect(verdict).toMatchObject({ verdict: 'fail', exit_code: 1 });
  expect(scenarios[0]?.findings).toEqual([
    {
      ...told,
      check: 'accuses',
      fingerprints: ['accuses/left-terminal/GetTask'],
      spec: '§3.1.1',
      replay: 'npx muster run short --fixture echo --seed 7',
    },
  ]);
  expect(scenarios[0]?.checks[0]).toEqual({ check: 'accuses', status: 'violated', evidence: 1 });
});

test('a finding of a check of the harness accuses no agent, and makes the scenario inconclusive', () => {
  const verdict = verdictOf(one, calm, [lagged]);
  expect(verdict).toMatchObject({ verdict: 'inconclusive', exit_code: 2, scenarios: [{ findings: [] }] });
  expect(verdict.reasons).toEqual([
    'short: harness-valid: A task left a terminal state. Expected: It stays. Seen: It left.',
  ]);
  expect(verdict.scenarios[0]?.checks[0]?.status).toBe('violated');
});

test.each(['start', 'add', 'close'] as const)(
  'a check that throws in %s is crashed there, and the others go on',
  (where) => {
    const boom = (): never => {
      throw new Error(`boom in ${where}`);
    };
    const crashing = toyCheck('crashing', () => ({ evidence: 1, findings: [finding] }), {
      start: () => {
        if (where === 'start') boom();
        return {
          add: () => (where === 'add' ? boom() : undefined),
          close: () => (where === 'close' ? boom() : { evidence: 1, findings: [finding] }),
        };
      },
    });
    const verdict = verdictOf(one, calm, [crashing, holds]);
    expect(verdict).toMatchObject({ verdict: 'inconclusive', exit_code: 2 });
    expect(verdict.reasons).toEqual([`short: The check crashing crashed, so it has told nothing: boom in ${where}`]);
    expect(verdict.scenarios[0]?.checks).toEqual([
      {
        check: 'crashing',
        status: 'crashed',
        evidence: 0,
        note: `boom in ${where}`,
        stack: expect.arrayContaining([expect.stringMatching(/^at boom \(harness\/judge\/judge\.test\.ts:\d+:\d+\)$/)]),
      },
      { check: 'holds', status: 'held', evidence: 4 },
    ]);
  },
);

test('what a scenario must exercise and did not makes it inconclusive, and says why', () => {
  const noting = toyCheck('noting', () => ({ evidence: 0, findings: [], note: 'No task was cancelled.' }));
  const plan = smallPlan([smallScenario('short', { must_exercise: ['saw-nothing', 'noting', 'holds', 'unheard-of'] })]);
  expect(verdictOf(plan, calm, [holds, sawNothing, noting])).toMatchObject({
    verdict: 'inconclusive',
    scenarios: [
      {
        verdict: 'inconclusive',
        reasons: [
          'It did not exercise saw-nothing: nothing happened that this check can judge.',
          'It did not exercise noting: No task was cancelled.',
          'It did not exercise unheard-of: there is no check of that name.',
        ],
      },
    ],
  });
});

test.each([
  ['left no event', [], 'It left no event in the history: it did not begin.'],
  ['never ended', calm.slice(0, -1), 'It did not run to its end.'],
  [
    'broke',
    scenarioLines('short', [[1, 'short', { type: 'scenario', phase: 'broken', reason: 'the agent never came up' }]]),
    'It could not be carried out: the agent never came up',
  ],
] as const)('a scenario that %s is inconclusive', (_, lines, reason) => {
  const verdict = verdictOf(one, lines, [holds]);
  expect(verdict).toMatchObject({ verdict: 'inconclusive', exit_code: 2, reasons: [`short: ${reason}`] });
});

test('a scenario that is not applicable, by plan or by history, neither passes nor fails', () => {
  const plan = smallPlan([
    smallScenario('planned', { not_applicable: 'a URL cannot be killed' }),
    smallScenario('told'),
  ]);
  const told: Line = [1, 'told', { type: 'scenario', phase: 'not-applicable', reason: 'the card has no streaming' }];
  const verdict = verdictOf(plan, [told], [accuses]);
  expect(verdict).toMatchObject({ verdict: 'inconclusive', exit_code: 2 });
  expect(verdict.reasons).toEqual(['No scenario of 2 is applicable to this agent, so nothing was learned.']);
  expect(verdict.scenarios.map(({ verdict, applicable, reasons }) => ({ verdict, applicable, reasons }))).toEqual([
    { verdict: 'not-applicable', applicable: false, reasons: ['a URL cannot be killed'] },
    { verdict: 'not-applicable', applicable: false, reasons: ['the card has no streaming'] },
  ]);
});

const lists = smallPlan([smallScenario('short', { capabilities: ['ListTasks'], must_exercise: ['saw-nothing'] })]);
const refused = callLines('short', [
  { id: 1, op: 'ListTasks', due_ms: 1, done_ms: 5, fail: 'UnsupportedOperationError' },
  { id: 2, op: 'ListTasks', due_ms: 6, done_ms: 9, fail: 'UnsupportedOperationError' },
]);
const given = callLines('short', [{ id: 3, op: 'ListTasks', due_ms: 10, done_ms: 12, value: { tasks: [] } }]);
const said = callLines('short', [
  {
    id: 1,
    op: 'SendMessage',
    due_ms: 1,
    done_ms: 5,
    value: { message: { messageId: 'm1', role: 'ROLE_AGENT', parts: [] } },
  },
]);
const begun = callLines('short', [
  {
    id: 2,
    op: 'SendMessage',
    due_ms: 6,
    done_ms: 9,
    value: { task: { id: 'task-1', status: { state: 'TASK_STATE_COMPLETED' } } },
  },
]);

test.each([
  ['that refuses ListTasks', refused, 'the agent refuses ListTasks: UnsupportedOperationError'],
  ['of Messages only', said, 'the agent answers with Messages only, and there is no task to look at'],
])('what taught nothing of an agent %s is not applicable to it', (_, lines, reason) => {
  const verdict = verdictOf(lists, scenarioLines('short', lines), [sawNothing]);
  expect(verdict.scenarios).toMatchObject([{ verdict: 'not-applicable', applicable: false, reasons: [reason] }]);
});

test.each([
  ['that lists its tasks now and then', lists, [...refused, ...given]],
  ['that makes tasks now and then', lists, [...said, ...begun]],
  ['whose list is not needed', smallPlan([smallScenario('short', { must_exercise: ['saw-nothing'] })]), refused],
])('what taught nothing of an agent %s is inconclusive', (_, plan, lines) => {
  const verdict = verdictOf(plan, scenarioLines('short', lines), [sawNothing]);
  expect(verdict.scenarios).toMatchObject([{ verdict: 'inconclusive' }]);
});

test('a fault that waited for what an agent lacks is no doubt of its own', () => {
  const whole = scenarioLines('short', said);
  expect(verdictOf(lists, whole, [sawNothing, idle]).scenarios).toMatchObject([{ verdict: 'not-applicable' }]);
  const able = scenarioLines('short', [...said, ...begun]);
  expect(verdictOf(lists, able, [sawNothing, idle]).scenarios).toMatchObject([{ verdict: 'inconclusive' }]);
});

test('a finding tells the names of its users, where the scenario has any', () => {
  const named = smallPlan([smallScenario('short', { names: ['ann', null, 'bob'] })]);
  const accused = toyCheck('accuses', () => ({ evidence: 1, findings: [{ ...finding, users: ['u3', 'u2'] }] }));
  const found = verdictOf(named, scenarioLines('short', said), [accused]).scenarios.flatMap(({ findings }) => findings);
  expect(found).toMatchObject([{ names: { u2: null, u3: 'bob' } }]);
  const [unnamed] = verdictOf(one, calm, [accused]).scenarios.flatMap(({ findings }) => findings);
  expect(unnamed).not.toHaveProperty('names');
});

test('what an agent lacks hides neither an accusation nor a doubt', () => {
  const whole = scenarioLines('short', refused);
  expect(verdictOf(lists, whole, [sawNothing, accuses])).toMatchObject({ verdict: 'fail' });
  expect(verdictOf(lists, whole, [sawNothing, lagged]).scenarios).toMatchObject([{ verdict: 'inconclusive' }]);
  expect(verdictOf(lists, refused, [sawNothing]).scenarios).toMatchObject([{ verdict: 'inconclusive' }]);
});

test('one applicable scenario that passes is enough for a pass beside one that does not apply', () => {
  const plan = smallPlan([
    smallScenario('planned', { not_applicable: 'a URL cannot be killed' }),
    smallScenario('short'),
  ]);
  expect(verdictOf(plan, calm, [holds])).toMatchObject({ verdict: 'pass', exit_code: 0, reasons: [] });
});

test('a plan without scenarios, and a history that tells of others, are inconclusive', () => {
  expect(verdictOf(smallPlan([]), [], [])).toMatchObject({ verdict: 'inconclusive', exit_code: 2 });
  const stray: Line = [9, 'stray', { type: 'scenario', phase: 'started' }];
  expect(verdictOf(one, [...calm, stray], [holds]).reasons).toEqual([
    'The history tells of a scenario "stray" that the plan does not name.',
  ]);
});

test.each([
  ['interrupted', 'interrupted', 130, 'The run was interrupted.'],
  ['crashed', 'crashed', 2, 'The run ended early.'],
  ['killed', 'interrupted', 130, 'The history has no end: the run was killed, or its file is incomplete.'],
] as const)(
  'a run that was %s convicts by what it saw, and otherwise is inconclusive',
  (how, ended, exit_code, reason) => {
    const gated = { ...one, gates: ['max_ms < 1'] };
    const sound = verdictOf(gated, calm, [holds], how);
    expect(sound).toMatchObject({ verdict: 'inconclusive', ended, exit_code });
    expect(sound.reasons).toContain(reason);
    expect(verdictOf(gated, calm, [accuses], how)).toMatchObject({ verdict: 'fail', ended, exit_code: 1 });
  },
);

test.each([
  ['max_ms < 250', [holds], 'pass', 0, []],
  ['max_ms < 1', [holds], 'fail', 3, ['The gate max_ms < 1 was missed: 4 (1 samples).']],
  ['max_ms < 1', [accuses], 'fail', 1, ['The gate max_ms < 1 was missed: 4 (1 samples).']],
  ['p99_ms < 1', [holds], 'inconclusive', 2, ['The gate p99_ms < 1 has too few samples (1) to be met or missed.']],
  ['findings == 0', [holds], 'pass', 0, []],
  ['findings <= 5', [accuses], 'fail', 1, []],
] as const)('the gate %s decides beside the findings', (gate, checks, verdict, exit_code, reasons) => {
  expect(verdictOf({ ...one, gates: [gate] }, calm, checks)).toMatchObject({ verdict, exit_code, reasons });
});

test('a missed gate outweighs a scenario that is inconclusive', () => {
  const plan = { ...one, gates: ['max_ms < 1'] };
  expect(verdictOf(plan, calm.slice(0, -1), [holds])).toMatchObject({ verdict: 'fail', exit_code: 3 });
});

test('every check sees the events of its own scenario only, each with the op that it belongs to', () => {
  const plan = smallPlan([smallScenario('a'), smallScenario('b')]);
  const inA = callLines('a', [{ id: 1, due_ms: 1, done_ms: 2, fail: 'TaskNotFoundError' }]);
  const inB = callLines('b', [{ id: 1, due_ms: 1, done_ms: 2 }]);
  const mixed = [inA[0], inB[0], inB[1], inA[1]].flatMap((line) => (line === undefined ? [] : [line]));
  const [a, b] = verdictOf(plan, mixed, [remembers]).scenarios;
  expect(a?.findings).toMatchObject([
    { seen: 'invoke fail<1', tasks: ['a'], evidence: [{ type: 'invoke' }, { type: 'fail' }] },
  ]);
  expect(b?.findings).toEqual([]);
});

const scenarioNames = ['a', 'b', 'unplanned', ''] as const;
const events: fc.Arbitrary<Line> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...scenarioNames), fc.nat(5), fc.constantFrom('started' as const, 'ended' as const))
    .map(([scenario, time_ms, phase]): Line => [time_ms, scenario, { type: 'scenario', phase }]),
  fc
    .tuple(
      fc.constantFrom(...scenarioNames),
      fc.nat(4),
      fc.constantFrom({}, { fail: 'TaskNotFoundError' }, { info: 'timeout' }),
      fc.boolean(),
    )
    .map(([scenario, id, how, answers]): Line => {
      const [invoke, outcome] = callLines(scenario, [{ id, due_ms: 1, done_ms: 4, ...how }]) as [Line, Line];
      return answers ? outcome : invoke;
    }),
);

test('what a check kept of an event is told as the history has it, and what that has lost is left out', () => {
  const history = smallHistory(calm);
  const live = startJudge(one, [keeps]);
  for (const event of history) live.add(event);
  const [told] = judge(one, history, [keeps]).scenarios[0]?.findings ?? [];
  expect(told?.evidence).toEqual(history.filter(({ type }) => type === 'ok'));
  expect(told?.evidence.length).toBeGreaterThan(0);
  expect(live.close(() => []).scenarios[0]?.findings[0]?.evidence).toEqual([]);
});

test('judging event by event while they come gives the very bytes of judging them later', () => {
  const plan = smallPlan(
    [smallScenario('a', { must_exercise: ['remembers'] }), smallScenario('b', { not_applicable: 'never' })],
    { gates: ['error_rate < 50%', 'p50_ms < 3'] },
  );
  const checks = [remembers, keeps, holds, lagged];
  fc.assert(
    fc.property(fc.array(events), fc.constantFrom('finished' as const, 'killed' as const), (lines, how) => {
      const history = smallHistory(lines, how);
      const live = startJudge(plan, checks);
      for (const event of history) live.add(event);
      const file = history.map((event) => JSON.stringify(event));
      const later = judge(
        plan,
        file.map((line) => JSON.parse(line) as HistoryEvent),
        checks,
      );
      expect(JSON.stringify(live.close(() => history))).toBe(JSON.stringify(later));
      expect(JSON.parse(JSON.stringify(later))).toEqual(later);
    }),
  );
});

test('never a pass where the history was cut, whatever it holds', () => {
  fc.assert(
    fc.property(fc.array(events), (lines) => {
      expect(verdictOf(smallPlan([smallScenario('a')]), lines, [holds], 'killed').verdict).toBe('inconclusive');
    }),
  );
});

const silent = toyCheck('answers-all', () => ({
  evidence: 1,
  findings: [{ ...finding, kind: 'not-answered', message: 'A message was never answered' }],
}));

test('what rests on time accuses nobody where muster itself was late, and what does not rest on it still does', () => {
  const late = toyCheck('harness-valid', () => ({ evidence: 1, findings: [{ ...finding, kind: 'harness-late' }] }), {
    judges: 'harness',
    section: 'policy',
  });
  expect(verdictOf(one, calm, [silent, holds]).verdict).toBe('fail');
  const { scenarios, verdict } = verdictOf(one, calm, [silent, late]);
  expect(verdict).toBe('inconclusive');
  expect(scenarios[0]?.findings).toEqual([]);
  expect(scenarios[0]?.checks[0]).toMatchObject({ check: 'answers-all', status: 'held' });
  expect(scenarios[0]?.reasons).toContainEqual(
    "answers-all: A message was never answered (3 times). Muster itself was late, so it may not be the agent's doing, and is not held against it.",
  );
  expect(verdictOf(one, calm, [accuses, silent, late]).verdict).toBe('fail');
});

test('nor where other programs kept muster from running, which alone is no doubt', () => {
  const told = (ran_ms: number, waited_ms: number): Line => [
    4,
    'short',
    {
      type: 'vitals',
      ...{ loop_delay_ms_p99: 300, cpu_percent: 11, rss_mb: 90, open_ops: 2 },
      scheduled: { ran_ms, waited_ms },
    },
  ];
  const under = (checks: readonly Check[], ...vitals: readonly Line[]) =>
    verdictOf(
      one,
      scenarioLines('short', [...vitals, ...callLines('short', [{ id: 1, due_ms: 1, done_ms: 5 }])]),
      checks,
    );
  const starved = under([silent, holds], told(60, 240), told(60, 140));
  expect(starved).toMatchObject({ verdict: 'inconclusive', scenarios: [{ findings: [] }] });
  expect(starved.scenarios[0]?.reasons).toEqual([
    "answers-all: A message was never answered (3 times). Muster waited for a core for 76 % of the time in which it had work to do (at most 75 % by harness_wait_percent_max), and other programs had it, so it may not be the agent's doing, and is not held against it.",
  ]);
  expect(under([holds], told(60, 240), told(60, 140)).verdict).toBe('pass');
  expect(under([silent, holds], told(100, 240), told(60, 140)).verdict).toBe('fail');
  expect(under([silent, holds], told(20, 220)).verdict).toBe('fail');
});
