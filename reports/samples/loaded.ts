/** A load that rises, holds, peaks and falls: at its peak the agent falls behind, streams stall, and users are dropped. */
import type { LoadPoint, LoadRecord, StageRecord } from '../../harness/model/load-record.ts';
import type { Latency, RunRecord } from '../../harness/model/record.ts';
import { checks, EMPTY, operation, scenario } from './base.ts';

const STAGES = [
  { from_per_s: 10, to_per_s: 50, for_ms: 20_000, peak: false },
  { from_per_s: 50, to_per_s: 50, for_ms: 20_000, peak: false },
  { from_per_s: 120, to_per_s: 120, for_ms: 6_000, peak: true },
  { from_per_s: 50, to_per_s: 50, for_ms: 14_000, peak: false },
] as const;
const FOR_MS = 60_000;
const REPLAY = 'npx muster load --profile spike --url https://agent.example/ --seed 7';

const stageAt = (at_ms: number) => {
  let end_ms = 0;
  for (const [place, stage] of STAGES.entries()) {
    const begin_ms = end_ms;
    end_ms += stage.for_ms;
    if (at_ms < end_ms) return { ...stage, place, share: (at_ms + 500 - begin_ms) / stage.for_ms };
  }
  return undefined;
};

function point(second: number): LoadPoint {
  const at_ms = second * 1000;
  const wobble = (second * 7) % 5;
  const stage = stageAt(at_ms);
  if (stage === undefined) {
    const quiet = { due: 0, sent: 0, dropped: 0, fail: 0, late: 0, p50_ms: null, p95_ms: null, p99_ms: null };
    return { at_ms, ...quiet, ok: 3, info: 6, good: 1, events: 14 };
  }
  const due = Math.round(stage.from_per_s + (stage.to_per_s - stage.from_per_s) * stage.share);
  const dropped = stage.peak && second > 41 ? 30 + wobble : 0;
  const sent = due - dropped;
  const behind = second >= 46 && second < 50 ? 50 - second : 0;
  const slow = stage.peak ? 160 * (second - 39) : behind * 120;
  const info = stage.peak ? 4 : behind;
  const fail = stage.peak ? 2 + (wobble > 2 ? 3 : 0) : 0;
  const ok = Math.round(sent * 1.5) - info - fail;
  return {
    at_ms,
    due,
    sent,
    dropped,
    ok,
    fail,
    info,
    good: slow > 300 ? Math.round(ok * 0.4) : ok,
    late: 0,
    events: sent * 5,
    p50_ms: 31 + wobble + slow / 3,
    p95_ms: 84 + 3 * wobble + slow,
    p99_ms: ok < 60 ? null : 120 + 9 * wobble + slow * 1.6,
  };
}

const series = Array.from({ length: 61 }, (_, second) => point(second));
const sum = (pick: (point: LoadPoint) => number, points = series): number =>
  points.reduce((all, one) => all + pick(one), 0);
const perS = (value: number, for_ms: number): number => Math.round((value * 1e7) / for_ms) / 1e4;
const latency = (count: number, p50: number, p95: number, p99: number, max: number): Latency => ({
  count,
  p50,
  p95,
  p99,
  max,
});

const FROM_DUE = [
  latency(880, 33, 92, 151, 220),
  latency(1490, 34, 95, 160, 241),
  latency(740, 310, 1102, 1810, 10_000),
  latency(1010, 38, 402, 690, 1204),
];

const stages = STAGES.map(({ from_per_s, to_per_s, for_ms }, place): StageRecord => {
  const at_ms = STAGES.slice(0, place).reduce((all, stage) => all + stage.for_ms, 0);
  const own = series.filter((one) => one.at_ms >= at_ms && one.at_ms < at_ms + for_ms);
  const [due, sent, dropped, good] = [
    sum((one) => one.due, own),
    sum((one) => one.sent, own),
    sum((one) => one.dropped, own),
    sum((one) => one.good, own),
  ];
  const all = sum(({ ok, fail, info }) => ok + fail + info, own) + dropped;
  return {
    at_ms,
    for_ms,
    from_per_s,
    to_per_s,
    due,
    sent,
    dropped,
    offered_per_s: perS(due, for_ms),
    achieved_per_s: perS(sent, for_ms),
    errors: sum(({ fail, info }) => fail + info, own),
    goodput: { good, due: all, fraction: good / all, per_s: perS(good, for_ms) },
    from_due: FROM_DUE[place] ?? latency(0, 0, 0, 0, 0),
  };
});

const [due, sent, dropped, good, events] = [
  sum((one) => one.due),
  sum((one) => one.sent),
  sum((one) => one.dropped),
  sum((one) => one.good),
  sum((one) => one.events),
];
const outcomes = sum(({ ok, fail, info }) => ok + fail + info);
const unanswered = sum(({ fail, info }) => fail + info);
const errors = { timeout: sum(({ info }) => info), 'http-503': sum(({ fail }) => fail) };
const streams = Math.round(outcomes / 2);

const load: LoadRecord = {
  profile: 'spike',
  engine: 'node',
  checks: 'sample',
  for_ms: FOR_MS,
  ran_ms: FOR_MS,
  objective_ms: 400,
  stall_ms: 1_000,
  due: { count: due, per_s: perS(due, FOR_MS) },
  sent: { count: sent, per_s: perS(sent, FOR_MS) },
  dropped,
  goodput: {
    good,
    due: outcomes + dropped,
    fraction: good / (outcomes + dropped),
    per_s: perS(good, FOR_MS),
  },
  from_due: latency(outcomes - errors['http-503'], 36, 512, 1340, 10_000),
  from_sent: latency(outcomes - errors['http-503'], 36, 510, 1338, 9_998),
  errors,
  unanswered,
  outcomes,
  events: { count: events, per_s: perS(events, FOR_MS) },
  first_event: latency(streams, 12, 88, 402, 2_210),
  gap: latency(events - streams, 9, 21, 180, 4_420),
  stalls: 7,
  terminal: latency(outcomes - unanswered, 61, 620, 1490, 10_004),
  fairness: { index: 0.9731, users: 500 },
  bytes_in: 18_402_113,
  bytes_out: 2_204_480,
  connections: 212,
  lag: latency(outcomes, 0.2, 1.4, 6.1, 38),
  stages,
  operations: [
    {
      op: 'SendMessage',
      goodput: { good: Math.round(good / 2), due: outcomes - streams, fraction: 0.93, per_s: perS(good / 2, FOR_MS) },
      events: { count: 0, per_s: 0 },
      gap: { count: 0, p50: null, p95: null, p99: null, max: null },
      stalls: 0,
      terminal: latency(outcomes - streams - 30, 58, 600, 1450, 10_000),
      ended: { TASK_STATE_COMPLETED: outcomes - streams - 32, TASK_STATE_FAILED: 2 },
      bytes_in: 9_402_113,
      bytes_out: 1_102_240,
    },
    {
      op: 'SendStreamingMessage',
      goodput: { good: good - Math.round(good / 2), due: streams, fraction: 0.92, per_s: perS(good / 2, FOR_MS) },
      events: { count: events, per_s: perS(events, FOR_MS) },
      gap: latency(events - streams, 9, 21, 180, 4_420),
      stalls: 7,
      terminal: latency(streams - 20, 66, 640, 1510, 10_004),
      ended: { TASK_STATE_COMPLETED: streams - 20 },
      bytes_in: 9_000_000,
      bytes_out: 1_102_240,
    },
  ],
  slice_ms: 1000,
  series,
};

const GOODPUT = Math.round((good * 1e5) / (outcomes + dropped)) / 1e3;

const half = (more: Partial<ReturnType<typeof operation>>, op: string) =>
  operation(op, streams - 30, { p50: 36, p95: 512, p99: 1340, max: 10_000 }, more);

export const loaded: RunRecord = {
  ...EMPTY,
  run: {
    ...EMPTY.run,
    name: 'spike',
    duration_ms: 72_300,
    target: { kind: 'url', url: 'https://agent.example/' },
    transport: 'jsonrpc',
    agent: 'travel-assistant 2.1.0',
    events: 31_204,
    operations: outcomes,
    replay: REPLAY,
  },
  verdict: 'fail',
  exit_code: 3,
  reasons: [`The gate goodput > 99% was missed: ${GOODPUT} (${outcomes + dropped} samples).`],
  scenarios: [
    scenario('load', 'Many users come as the profile says', {
      checks: checks({ 'user-isolation': 820, 'answer-is-mine': 410, 'stream-shape': 205, 'harness-valid': 4_312 }),
      metrics: {
        started_ms: 120,
        ended_ms: 72_180,
        users: 500,
        dropped,
        operations: [
          half({ fail: errors['http-503'], errors: { 'http-503': errors['http-503'] } }, 'SendMessage'),
          half(
            { info: errors.timeout, errors: { timeout: errors.timeout }, first_event: load.first_event },
            'SendStreamingMessage',
          ),
        ],
        slice_ms: 3_200,
        series: [],
        faults: [],
        load,
      },
    }),
  ],
  gates: [
    { gate: 'p95_ms(SendMessage) < 800', status: 'met', value: 512, samples: streams - 30 },
    { gate: 'goodput > 99%', status: 'missed', value: GOODPUT, samples: outcomes + dropped },
    { gate: 'gap_p99_ms < 200', status: 'met', value: 180, samples: events - streams },
  ],
  vitals: Array.from({ length: 60 }, (_, second) => ({
    seq: second,
    time_ms: 1_000 * (second + 1),
    scenario: 'load',
    type: 'vitals',
    loop_delay_ms_p99: 2 + (second % 3),
    cpu_percent: 38 + (second % 7),
    rss_mb: 190 + (second % 4),
    open_ops: 12 + (second % 9),
    cores_percent: [41, 77 + (second % 5)],
    descriptors: { open: 240 + second, limit: 1_048_576 },
    ports: { time_wait: 30 + second, range: 28_232 },
  })),
  environment: { node: 'v24.11.0', platform: 'linux', cpus: 2, memory_mb: 7960 },
};
