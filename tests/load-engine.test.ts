/** Loads, carried out by the embedded engine against real agents: who comes, what is written down, what is measured, and how it ends. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFixture } from '../fixtures/table.ts';
import { checks } from '../harness/checks/table.ts';
import type { HistoryEvent } from '../harness/model/history.ts';
import type { LoadPlan } from '../harness/model/load.ts';
import type { Measurement } from '../harness/model/measurement.ts';
import type { Plan } from '../harness/model/plan.ts';
import { DEFAULT_LIMITS, DEFAULT_POLICY, DEFAULT_PORTS } from '../harness/plan/defaults.ts';
import { loadVisits } from '../harness/plan/load-visits.ts';
import { makePlan } from '../harness/plan/make-plan.ts';
import { runPlan } from '../harness/run/run-plan.ts';
import { loadScenario } from '../harness/script/load-scenario.ts';
import { scenarios } from '../scenarios/table.ts';

const byName = new Map(scenarios.map((each) => [each.name, each]));
const echo = findFixture('echo');
if (echo === undefined) throw new Error('Failed to find the fixture echo: there is none of that name.');

const HALF_A_SECOND = {
  kind: 'open',
  stages: [{ from_per_s: 0, to_per_s: 120, for_ms: 500 }],
  arrivals: 'even',
} as const;

function loadPlan(
  changes: Partial<LoadPlan>,
  { users = 7, in_flight_max = 500 } = {},
): Plan & { readonly load: LoadPlan } {
  const load: LoadPlan = {
    profile: 'test',
    engine: 'node',
    demand: HALF_A_SECOND,
    mix: [{ script: 'ask', weight: 1 }],
    checks: 'on',
    sample_every: 2,
    workers: 1,
    objective_ms: 500,
    stall_ms: 500,
    dropped_percent_max: 1,
    heeds_retry_after: true,
    connections_max: 100,
    source_addresses: [],
    http2: false,
    caps: { rate_per_s_max: 1e4, users_max: 1e4, requests_max: 1e6, bytes_max: 1e9, duration_ms_max: 60_000 },
    allowed_hosts: [],
    abort: [],
    ...changes,
  };
  const plan = makePlan({
    muster: '0.0.0',
    seed: 11,
    target: { kind: 'fixture', name: 'echo' },
    scenarios: [loadScenario(load, byName, users)],
    phrasebook: echo?.phrasebook ?? {},
    identity: { kind: 'bearer' },
    policy: { ...DEFAULT_POLICY, settle_ms_max: 2_000, harness_lag_ms_max: 10_000, harness_wait_percent_max: 100 },
    limits: { ...DEFAULT_LIMITS, in_flight_max },
    ports: { ...DEFAULT_PORTS, from: 'os' },
    gates: [],
    flags: [],
    scenario_names: [],
  });
  return { ...plan, load };
}

interface Given {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: HistoryEvent) => void;
  readonly worker?: URL;
}

async function carryOut(plan: Plan, { signal = new AbortController().signal, onEvent, worker }: Given = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-load-'));
  const measured: Measurement[] = [];
  let came = 0;
  try {
    const result = await runPlan({
      plan,
      scenarios: byName,
      target:
        plan.target.kind === 'url'
          ? plan.target
          : { kind: 'fixture', fixture: echo as NonNullable<typeof echo>, command: '' },
      peer: echo as NonNullable<typeof echo>,
      checks,
      headersOf: (index) => ({ authorization: `Bearer muster-user-${index + 1}` }),
      folder,
      signal,
      measures: {
        op: (measurement) => measured.push(measurement),
        visit: (_due_ms, isHere) => {
          came += isHere ? 1 : 0;
        },
      },
      ...(onEvent && { onEvent }),
      ...(worker && { load_worker: worker }),
    });
    if (result.error !== undefined) throw result.error;
    const history = readFileSync(join(folder, 'history.jsonl'), 'utf8');
    const events = history
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as HistoryEvent);
    return { ...result, events, measured, came };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const arrivalsIn = (events: readonly HistoryEvent[]) =>
  events.flatMap((event) =>
    event.type === 'user' && event.phase === 'arrived'
      ? [{ user: event.user, device: event.device, due_ms: event.due_ms }]
      : [],
  );

const operationsOf = ({ record }: Awaited<ReturnType<typeof carryOut>>) =>
  record.scenarios[0]?.metrics?.operations ?? [];

test('in a load everybody comes whom the plan names, at his time, and the agent is judged', async () => {
  const plan = loadPlan({
    mix: [
      { script: 'ask', weight: 3 },
      { script: 'poll', weight: 1 },
    ],
  });
  const run = await carryOut(plan);
  const begun_ms = run.events.find((event) => event.type === 'scenario' && event.phase === 'loading')?.time_ms ?? 0;
  const planned = [...loadVisits(plan)].map(({ index, device, after_ms }) => ({
    user: `u${index + 1}`,
    device,
    due_ms: Math.round((begun_ms + after_ms) * 1000) / 1000,
  }));
  expect(arrivalsIn(run.events)).toEqual(planned);
  expect(planned).toHaveLength(30);
  expect(run.verdict.reasons).toEqual([]);
  expect(run.verdict.verdict).toBe('pass');
  const seen = run.verdict.scenarios[0]?.checks.find(({ check }) => check === 'answer-is-mine')?.evidence ?? 0;
  expect(seen).toBeGreaterThan(30);
});

test('without checks nothing is written down of any user, and the same is measured', async () => {
  const mix = [
    { script: 'stream', weight: 1 },
    { script: 'ask', weight: 1 },
    { script: 'poll', weight: 1 },
  ];
  const [on, off] = [await carryOut(loadPlan({ mix })), await carryOut(loadPlan({ mix, checks: 'off' }))];
  expect(off.events.filter(({ type }) => type === 'user' || type === 'invoke')).toEqual([]);
  const counts = (run: typeof on) =>
    operationsOf(run)
      .filter(({ op }) => op !== 'GetTask')
      .map(({ op, ok, first_event }) => ({ op, ok, first_events: first_event.count }));
  expect(counts(off)).toEqual(counts(on));
  expect(counts(off).map(({ op }) => op)).toEqual(['SendMessage', 'SendStreamingMessage']);
  const ops = off.measured;
  // Each task ends once, whatever showed it.
  expect(ops.filter(({ terminal }) => terminal?.state === 'TASK_STATE_COMPLETED')).toHaveLength(30);
  expect(
    ops.filter(({ op }) => op === 'SendStreamingMessage').every(({ events_ms }) => (events_ms?.length ?? 0) > 5),
  ).toBe(true);
  expect(off.came).toBe(30);
});

test('of a sample some users are written down with all that they do, and all others are measured', async () => {
  const run = await carryOut(loadPlan({ checks: 'sample', sample_every: 3 }));
  expect(new Set(arrivalsIn(run.events).map(({ user }) => user))).toEqual(new Set(['u1', 'u4', 'u7']));
  expect(operationsOf(run).map(({ op, ok }) => ({ op, ok }))).toEqual([{ op: 'SendMessage', ok: 30 }]);
});

test('who is due while there is no room is dropped and told, and nobody waits for a place', async () => {
  const run = await carryOut(
    loadPlan(
      {
        mix: [{ script: 'stream', weight: 1 }],
        demand: { kind: 'open', stages: [{ from_per_s: 400, to_per_s: 400, for_ms: 100 }], arrivals: 'even' },
      },
      { in_flight_max: 4 },
    ),
  );
  const dropped = run.events.filter((event) => event.type === 'user' && event.phase === 'dropped');
  expect(arrivalsIn(run.events).length + dropped.length).toBe(40);
  expect(dropped.length).toBeGreaterThan(20);
  expect(run.record.scenarios[0]?.metrics?.dropped).toBe(dropped.length);
});

test('in a closed load so many are there at once, again and again until its time is over, each visit under its own name', async () => {
  const run = await carryOut(loadPlan({ demand: { kind: 'closed', at_once: 3, for_ms: 200 } }, { users: 2 }));
  const names = arrivalsIn(run.events).map(({ user, device }) => `${user}/${device}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names.slice(0, 3)).toEqual(['u1/0', 'u2/0', 'u1/1']);
  expect(names.length).toBeGreaterThan(3);
  let present = 0;
  let most = 0;
  for (const event of run.events) {
    if (event.type !== 'user') continue;
    present += event.phase === 'arrived' ? 1 : -1;
    most = Math.max(most, present);
  }
  expect(most).toBe(3);
});

test('a load that is interrupted lets everybody go at once, and says that it ended early', async () => {
  const controller = new AbortController();
  const plan = loadPlan({
    mix: [{ script: 'stream', weight: 1 }],
    demand: { kind: 'open', stages: [{ from_per_s: 100, to_per_s: 100, for_ms: 60_000 }], arrivals: 'poisson' },
  });
  const run = await carryOut(plan, {
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'user' && event.phase === 'arrived' && event.device === 1) controller.abort();
    },
  });
  const over = run.events.find((event) => event.type === 'scenario' && event.phase === 'load-over');
  expect(over).toMatchObject({ early: 'it was stopped' });
  expect(run.verdict.verdict).toBe('inconclusive');
});

test('the vitals of a load tell what the machine could run short of, and what went over the wire', async () => {
  const run = await carryOut(loadPlan({ checks: 'off' }));
  const last = run.record.vitals.findLast(({ traffic }) => traffic !== undefined);
  expect(last?.cores_percent?.length).toBeGreaterThan(0);
  expect(last?.traffic?.bytes_in).toBeGreaterThan(30 * 100);
  expect(last?.traffic?.connections_opened).toBeGreaterThan(0);
  expect(last?.descriptors?.open ?? 1).toBeGreaterThan(0);
});

const LOAD_WORKER = new URL('../harness/cli/load-worker.ts', import.meta.url);

test('threads are together the one load: the same visits at the same times, one history in the order of time, one verdict', async () => {
  const plan = loadPlan({
    workers: 3,
    mix: [
      { script: 'ask', weight: 1 },
      { script: 'poll', weight: 1 },
    ],
  });
  await using agent = await (echo as NonNullable<typeof echo>).start({ port: 0 });
  const target = { kind: 'url', url: agent.url } as const;
  const [one, three] = [
    await carryOut({ ...plan, target }),
    await carryOut({ ...plan, target }, { worker: LOAD_WORKER }),
  ];
  const visits = ({ events }: typeof one) => {
    const begun_ms = events.find((event) => event.type === 'scenario' && event.phase === 'loading')?.time_ms ?? 0;
    return arrivalsIn(events)
      .map(({ user, device, due_ms }) => `${user}/${device} at ${Math.round(due_ms - begun_ms)}`)
      .sort();
  };
  expect(visits(three)).toEqual(visits(one));
  expect(three.events.map(({ seq }) => seq)).toEqual(three.events.map((_, index) => index));
  expect(three.events.every(({ time_ms }, index) => time_ms >= (three.events[index - 1]?.time_ms ?? 0))).toBe(true);
  const ops = three.events.flatMap((event) => (event.type === 'invoke' ? [event.op_id] : []));
  expect(new Set(ops).size).toBe(ops.length);
  expect([three.verdict.verdict, three.verdict.reasons]).toEqual(['pass', []]);
  const sent = three.record.vitals.flatMap(({ worker, traffic }) => (worker && traffic?.bytes_out ? [worker] : []));
  expect(new Set(sent)).toEqual(new Set([1, 2, 3]));
});

test('a thread that fails makes the run inconclusive, and says why', async () => {
  await using agent = await (echo as NonNullable<typeof echo>).start({ port: 0 });
  const plan = { ...loadPlan({ workers: 2 }), target: { kind: 'url', url: agent.url } as const };
  const run = await carryOut(plan, { worker: new URL('data:text/javascript,throw new Error("no memory left")') });
  expect(run.verdict.verdict).toBe('inconclusive');
  expect(run.verdict.scenarios[0]?.reasons.join()).toMatch(/worker \d of 2 has failed: no memory left/);
});

test('threads keep to the caps of the whole: each to its share, and the first at its own stops them all', async () => {
  await using agent = await (echo as NonNullable<typeof echo>).start({ port: 0 });
  const plan = loadPlan({ workers: 3, caps: { ...loadPlan({}).load.caps, requests_max: 9 } });
  const run = await carryOut({ ...plan, target: { kind: 'url', url: agent.url } }, { worker: LOAD_WORKER });
  // Whoever is stopped may have asked and not have been answered yet.
  const sent = run.events.filter(
    (event) => event.type === 'ok' || (event.type === 'info' && !event.error.message.includes('did not send')),
  );
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.length).toBeLessThanOrEqual(9);
  expect(run.verdict.verdict).toBe('inconclusive');
  expect(run.verdict.scenarios[0]?.reasons.join()).toMatch(/worker \d of 3.*cap of 3 requests/);
});
