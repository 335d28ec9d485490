/** A load must be judged by its numbers: its gates, its rates, and whether muster itself was up to it. */
import { expect, test } from 'vitest';
import { harnessValid } from '../checks/harness-valid.ts';
import type { Check } from '../model/check.ts';
import type { LoadPlan } from '../model/load.ts';
import type { Plan } from '../model/plan.ts';
import type { Vitals } from '../model/vitals.ts';
import { startFeed } from './feed.ts';
import { evaluateGate, parseGate } from './gates.ts';
import { judge, startJudge } from './judge.ts';
import { loadRulesOf } from './load-metrics.ts';
import { addMeasurement, addStreamEvent, addVisit, beginLoad, endLoad, type Measurement } from './measurement.ts';
import { type Metrics, startMetrics } from './metrics.ts';
import { startPairing } from './pairing.ts';
import { startRecord, toRecord } from './record.ts';
import { callLines, type Line, scenarioLines, smallHistory, smallLoad, smallPlan, smallScenario } from './testing.ts';

const planOf = (load: Partial<LoadPlan> = {}, gates: readonly string[] = []) =>
  smallPlan([smallScenario('load', { users: 4 })], { load: smallLoad(load), gates });

/** Twenty users of whom the last `dropped` are dropped; each asks once and is answered after `took_ms`. */
function measure(
  options: { readonly dropped?: number; readonly change?: (k: number) => Partial<Measurement> } = {},
): Metrics {
  const metrics = startMetrics(loadRulesOf(planOf()));
  const { dropped = 0, change = () => ({}) } = options;
  beginLoad(metrics, 1_000);
  for (let k = 0; k < 20; k += 1) {
    const due_ms = 1_000 + k * 100;
    const came = k < 20 - dropped;
    addVisit(metrics, due_ms, came, k % 4);
    if (!came) continue;
    const op = {
      op: 'SendMessage',
      user: k % 4,
      due_ms,
      sent_ms: due_ms + 1,
      ended_ms: due_ms + 50,
      outcome: 'ok',
    } as const;
    addMeasurement(metrics, { ...op, ...change(k) });
  }
  endLoad(metrics, 3_040, false);
  return metrics;
}

const gate = (text: string, metrics: Metrics) =>
  evaluateGate(parseGate(text), { metrics: [metrics], faults: [], findings: 0, evidence: 0 });

test('rates are told for the time that the load went on, by those who came', () => {
  const metrics = measure({ dropped: 2 });
  expect(gate('rate_per_s >= 9', metrics)).toMatchObject({ status: 'met', value: 9, samples: 20 });
  expect(gate('dropped <= 10%', metrics)).toMatchObject({ status: 'met', value: 10, samples: 20 });
  expect(gate('dropped < 0.1', metrics)).toMatchObject({ status: 'missed', value: 0.1 });
  expect(gate('goodput_per_s(SendMessage) > 8', metrics)).toMatchObject({ status: 'met', value: 9, samples: 18 });
});

test('goodput counts good answers of all that were due, those of users who were dropped among them', () => {
  const metrics = measure({
    dropped: 2,
    change: (k) =>
      k === 0
        ? { outcome: 'info', error: 'timeout' }
        : k === 1
          ? { ended_ms: 1_301 }
          : k === 2
            ? { terminal: { began_by: 'SendMessage', state: 'TASK_STATE_FAILED', took_ms: 9 } }
            : k === 3
              ? { outcome: 'fail', error: 'not-in-protocol' }
              : {},
  });
  expect(gate('goodput > 70%', metrics)).toMatchObject({ status: 'met', value: (14 * 100) / 19, samples: 19 });
  expect(gate('goodput(SendMessage) > 0.9', metrics)).toMatchObject({ status: 'missed', samples: 17 });
  expect(gate('terminal_max_ms < 10', metrics)).toMatchObject({ status: 'met', value: 9, samples: 1 });
});

test('users are served evenly where each gets the same part of what he asks', () => {
  expect(gate('fairness == 1', measure())).toMatchObject({ status: 'met', value: 1, samples: 4 });
  const one = measure({ change: (k) => (k % 4 === 0 ? {} : { outcome: 'fail', error: 'http-500' }) });
  expect(gate('fairness > 0.9', one)).toMatchObject({ status: 'missed', value: 0.25 });
  const none = measure({ change: () => ({ outcome: 'fail', error: 'http-500' }) });
  expect(gate('fairness > 0.9', none)).toMatchObject({ status: 'no-samples' });
});

test('gaps and stalls are of streams, and one that was given up waited to its end', () => {
  const metrics = measure({
    change: (k) =>
      k === 0
        ? { op: 'SendStreamingMessage', outcome: 'info', error: 'timeout', events_ms: [1_010, 1_020], ended_ms: 1_090 }
        : {},
  });
  expect(gate('gap_max_ms < 50', metrics)).toMatchObject({ status: 'missed', value: 70, samples: 2 });
  expect(gate('stalls == 0', metrics)).toMatchObject({ status: 'missed', value: 1, samples: 2 });
  expect(gate('stalls(SendMessage) == 0', metrics)).toMatchObject({ status: 'no-samples' });
  expect(gate('events_per_s >= 1', metrics)).toMatchObject({ status: 'met', value: 1, samples: 2 });
  addStreamEvent(metrics, 'SendMessage', 1_100, { last_ms: 1_099 });
  expect(gate('stalls(SendMessage) == 0', metrics)).toMatchObject({ status: 'met', samples: 1 });
  expect(gate('sent_p50_ms < 50', metrics)).toMatchObject({ status: 'met', samples: 20 });
});

test('what a run without a load cannot have is never met', () => {
  const metrics = startMetrics();
  const [pair, feed] = [startPairing(), startFeed(metrics)];
  for (const event of smallHistory(callLines('load', [{ id: 1, due_ms: 1, done_ms: 2 }]))) feed(event, pair(event));
  for (const text of [
    'rate_per_s >= 0',
    'dropped == 0',
    'goodput >= 0',
    'stalls == 0',
    'fairness >= 0',
    'lag_p99_ms >= 0',
  ]) {
    expect(gate(text, metrics)).toMatchObject({ status: 'no-samples', value: null });
  }
});

const accuser: Check = {
  name: 'accuser',
  title: 'nobody is ever right',
  section: 'policy',
  memory: 'nothing',
  judges: 'agent',
  start: () => ({ add: () => {}, close: () => ({ evidence: 0, findings: [] }) }),
};
const empty = smallHistory(scenarioLines('load', []));

test('without checks the verdict rests on gates, and without either nothing was asked', () => {
  const verdictOf = (gates: readonly string[], metrics: Metrics) => {
    const open = startJudge(
      {
        ...planOf({ checks: 'off' }, gates),
        scenarios: [smallScenario('load', { users: 4, must_exercise: ['accuser'] })],
      },
      [accuser],
    );
    for (const event of empty) open.add(event);
    open.take('load', metrics);
    return open.close(() => empty);
  };
  expect(verdictOf(['p50_ms < 100'], measure())).toMatchObject({ verdict: 'pass', exit_code: 0, reasons: [] });
  expect(verdictOf(['p50_ms < 10'], measure())).toMatchObject({ verdict: 'fail', exit_code: 3 });
  expect(verdictOf([], measure()).reasons).toEqual([expect.stringContaining('Nothing was asked of it')]);
  expect(verdictOf(['gap_p99_ms < 10'], measure())).toMatchObject({ verdict: 'inconclusive', exit_code: 2 });
  expect(verdictOf(['p50_ms < 100'], startMetrics(loadRulesOf(planOf()))).reasons).toContainEqual(
    expect.stringContaining('Nothing was measured'),
  );
});

test('parts that were measured apart are added', () => {
  const plan = planOf({ checks: 'off' }, ['rate_per_s == 20']);
  const [open, record] = [startJudge(plan, []), startRecord(plan)];
  for (const part of [open, record]) {
    for (const event of empty) part.add(event);
    part.take('load', measure());
    part.take('load', measure());
  }
  const verdict = open.close(() => empty);
  expect(verdict).toMatchObject({ verdict: 'pass', gates: [{ value: 20, samples: 40 }] });
  const { run, scenarios } = toRecord(plan, verdict, record, 'run');
  expect(run.operations).toBe(40);
  expect(scenarios[0]?.metrics).toMatchObject({ users: 4, operations: [{ op: 'SendMessage', ok: 40 }] });
  expect(scenarios[0]?.metrics?.load).toMatchObject({
    profile: 'smoke',
    ran_ms: 2_000,
    due: { count: 40, per_s: 20 },
    goodput: { good: 40, due: 40, fraction: 1, per_s: 20 },
    fairness: { index: 1, users: 4 },
    stages: [
      { at_ms: 0, for_ms: 2_000, from_per_s: 10, due: 40, achieved_per_s: 20, from_due: { count: 40, p50: 50 } },
    ],
  });
});

test('a load that was stopped before its time says why, and passes nothing', () => {
  const open = startJudge(planOf({ checks: 'off' }, ['p50_ms < 100']), []);
  const stopped: Line = [
    9,
    'load',
    { type: 'scenario', phase: 'load-over', early: 'it was stopped at its cap of 9 requests.' },
  ];
  for (const event of smallHistory(scenarioLines('load', [stopped]))) open.add(event);
  open.take('load', measure());
  expect(open.close(() => [])).toMatchObject({
    verdict: 'inconclusive',
    reasons: ['load: The load ended before its time: it was stopped at its cap of 9 requests.'],
  });
});

test('a user who was dropped within the limit of a load, or a late op among many, is no finding of harness-valid', () => {
  const lines: Line[] = [
    ...Array.from(
      { length: 20 },
      (_, k): Line => [k, 'load', { type: 'user', phase: 'dropped', user: 'u1', device: k, due_ms: k }],
    ),
    ...callLines('load', [{ id: 1, due_ms: 30, sent_ms: 400, done_ms: 401 }]),
  ];
  const history = smallHistory(scenarioLines('load', lines));
  const of = (plan: Plan) => judge(plan, history, [harnessValid]).scenarios[0]?.reasons ?? [];
  expect(of(planOf()).filter((reason) => reason.startsWith('harness-valid'))).toEqual([]);
  expect(of(planOf())).toEqual([
    expect.stringContaining('Muster itself was late: of 1 ops'),
    expect.stringContaining('20 of 20 who were due (100 %)'),
  ]);
  expect(
    of(smallPlan([smallScenario('load')])).filter((reason) => reason.startsWith('harness-valid')).length,
  ).toBeGreaterThan(1);
});

test('what each worker tells of its connections and bytes is added', () => {
  const plan = planOf({ checks: 'off' });
  const record = startRecord(plan);
  const telling = (time_ms: number, worker: number, connections_opened: number, bytes: number): Line => {
    const traffic = { connections_opened, connections_open: 1, bytes_in: bytes, bytes_out: 2 * bytes, ops_open: 0 };
    const beside = { loop_delay_ms_p99: 1, cpu_percent: 1, rss_mb: 1, open_ops: 0 };
    return [time_ms, 'load', { type: 'vitals', ...beside, worker, traffic }];
  };
  const lines = [telling(1, 1, 3, 100), telling(2, 2, 4, 10), telling(3, 1, 5, 150)];
  for (const event of smallHistory(scenarioLines('load', lines))) record.add(event);
  const verdict = judge(plan, smallHistory(lines), []);
  expect(toRecord(plan, verdict, record, 'run').scenarios[0]?.metrics?.load).toMatchObject({
    connections: 9,
    bytes_in: 160,
    bytes_out: 320,
  });
});

test('a history of a sample of users is judged, and not measured', () => {
  const lines: Line[] = [
    [1, 'load', { type: 'user', phase: 'arrived', user: 'u1', device: 0, due_ms: 1, canary: 'c', identity: 'bearer' }],
    ...callLines('load', [{ id: 1, due_ms: 1, done_ms: 2 }]),
  ];
  const rows = (checks: LoadPlan['checks']) => {
    const history = smallHistory(scenarioLines('load', lines));
    return judge(planOf({ checks }, ['max_ms < 9']), history, [accuser]).gates;
  };
  expect(rows('on')).toMatchObject([{ status: 'met', samples: 1 }]);
  expect(rows('sample')).toMatchObject([{ status: 'no-samples', samples: 0 }]);
});

const vitals = (seconds: number, change: Partial<Vitals>): Line[] =>
  Array.from({ length: seconds }, (_, second) => [
    1_000 + second * 1_000,
    'load',
    { type: 'vitals', loop_delay_ms_p99: 1, cpu_percent: 50, rss_mb: 90, open_ops: 4, ...change },
  ]);

function reasonsOf(metrics: Metrics, lines: readonly Line[] = vitals(5, {})): readonly string[] {
  const open = startJudge(planOf({ checks: 'off' }, ['max_ms < 9999']), []);
  for (const event of smallHistory(scenarioLines('load', lines))) open.add(event);
  open.take('load', metrics);
  return open.close(() => []).scenarios[0]?.reasons ?? [];
}

test('muster that had all it needed is trusted', () => {
  expect(reasonsOf(measure())).toEqual([]);
  expect(reasonsOf(measure({ dropped: 1 }))).toEqual([]);
  // A core that is full keeps nobody waiting by itself.
  expect(reasonsOf(measure(), vitals(5, { cpu_percent: 100 }))).toEqual([]);
});

test.each([
  [
    'late',
    measure({ change: (k) => ({ sent_ms: 1_000 + k * 100 + 150, ended_ms: 9_000 }) }),
    vitals(5, { cpu_percent: 97 }),
    'Muster itself was late: of 20 ops one in a hundred was sent 150 ms or more after it was due, and at most 100 ms are trusted; a core was at least 90 % busy in 5 of 5 seconds.',
  ],
  [
    'out of breath',
    measure(),
    vitals(5, { loop_delay_ms_p99: 300 }),
    'in 5 of 5 seconds its event loop was held up for more than 100 ms, at worst for 300 ms',
  ],
  [
    'short of descriptors',
    measure(),
    vitals(5, { descriptors: { open: 1_000, limit: 1_024 } }),
    'short of descriptors: 1000 of 1024 were open at once',
  ],
  [
    'short of ports',
    measure(),
    vitals(5, { ports: { time_wait: 28_000, range: 28_232 } }),
    'short of ports: 28000 of 28232 were timing out at once',
  ],
  [
    'without sockets',
    measure({ change: (k) => (k < 2 ? { outcome: 'fail', error: 'no-socket' } : {}) }),
    [],
    '2 ops were never sent',
  ],
  [
    'dropping users',
    measure({ dropped: 3 }),
    [],
    '3 of 20 who were due (15 %) found as many in flight as may be, and at most 5 % may',
  ],
])('muster that was %s says so with its numbers', (_, metrics, lines, reason) => {
  expect(reasonsOf(metrics, lines)).toEqual([expect.stringContaining(reason)]);
});

test('a core that was full while ops went late in some seconds of a long load is told, though most were in time', () => {
  const rules = loadRulesOf(planOf());
  if (rules === undefined) throw new Error('the plan has a load');
  const metrics = startMetrics({ ...rules, for_ms: 2_000 });
  beginLoad(metrics, 1_000);
  for (let k = 0; k < 2_000; k += 1) {
    const due_ms = 1_000 + k * 5;
    const lag_ms = k % 40 === 0 && due_ms < 5_000 ? 150 : 1;
    const op = {
      op: 'SendMessage',
      user: 0,
      due_ms,
      sent_ms: due_ms + lag_ms,
      ended_ms: due_ms + 160,
      outcome: 'ok',
    } as const;
    addMeasurement(metrics, op);
  }
  expect(reasonsOf(metrics, vitals(9, { cores_percent: [20, 99] }))).toEqual([
    expect.stringContaining('had no core to spare: it was late in 4 seconds in which its CPU was full'),
  ]);
});
