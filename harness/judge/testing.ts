/** Plans and histories of a few lines for the tests of judging; a real run writes the same events with more in them. */
import { HISTORY_SCHEMA, type HistoryEvent, type RunEnded, type Unstamped } from '../model/history.ts';
import type { LoadPlan } from '../model/load.ts';
import type { OpError, OpValue, ProtocolOp } from '../model/op.ts';
import { PLAN_SCHEMA, type Plan, type ScenarioPlan } from '../model/plan.ts';
import { DEFAULT_POLICY } from '../plan/defaults.ts';

export function smallScenario(name: string, changes: Partial<ScenarioPlan> = {}): ScenarioPlan {
  return {
    name,
    title: `The title of ${name}`,
    family: 'concurrent users',
    capabilities: [],
    users: 1,
    devices: 1,
    process: 'any',
    load: { shape: 'closed' },
    faults: [],
    must_exercise: [],
    ...changes,
  };
}

export function smallPlan(scenarios: readonly ScenarioPlan[], changes: Partial<Plan> = {}): Plan {
  return {
    schema: PLAN_SCHEMA,
    muster: '0.1.0',
    seed: 7,
    target: { kind: 'fixture', name: 'echo' },
    identity: { kind: 'bearer' },
    phrasebook: {},
    policy: {
      ...DEFAULT_POLICY,
      cancel_ms_max: 2_000,
      stream_close_ms_max: 2_000,
      recovery_ms_max: 5_000,
      harness_lag_ms_max: 100,
    },
    limits: {
      in_flight_max: 100,
      answer_bytes_max: 1_000_000,
      stream_events_max: 1_000,
      scenario_ms_max: 60_000,
      ready_ms_max: 10_000,
    },
    ports: { from: 'os', first: 5000, last: 9000, block: 5, spacing: 10, exclude: [] },
    gates: [],
    flags: ['--fixture', 'echo'],
    scenario_names: [],
    scenarios,
    ...changes,
  };
}

/** Two seconds of ten users a second, of whom there are four. */
export function smallLoad(changes: Partial<LoadPlan> = {}): LoadPlan {
  return {
    profile: 'smoke',
    engine: 'node',
    demand: { kind: 'open', stages: [{ from_per_s: 10, to_per_s: 10, for_ms: 2_000 }], arrivals: 'even' },
    mix: [{ script: 'ask', weight: 1 }],
    checks: 'on',
    sample_every: 1,
    workers: 1,
    objective_ms: 200,
    stall_ms: 50,
    dropped_percent_max: 5,
    heeds_retry_after: true,
    connections_max: 10,
    source_addresses: [],
    http2: false,
    caps: {
      rate_per_s_max: 100,
      users_max: 100,
      requests_max: 1_000,
      bytes_max: 1_000_000,
      duration_ms_max: 60_000,
    },
    allowed_hosts: [],
    abort: [],
    ...changes,
  };
}

export type Line = readonly [time_ms: number, scenario: string, event: Unstamped];

/** Stamps the lines in their order and puts the start and the end of a run around them. */
export function smallHistory(
  lines: readonly Line[],
  reason: RunEnded['reason'] | 'killed' = 'finished',
): HistoryEvent[] {
  const last_ms = lines.at(-1)?.[0] ?? 0;
  const all: Line[] = [[0, '', RUN_STARTED], ...lines];
  if (reason !== 'killed') all.push([last_ms, '', { type: 'run', phase: 'ended', reason }]);
  return all.map(([time_ms, scenario, event], seq) => ({ seq, time_ms, scenario, ...event }));
}

const RUN_STARTED: Unstamped = {
  type: 'run',
  phase: 'started',
  schema: HISTORY_SCHEMA,
  started_at: '2026-11-21T00:00:00.000Z',
  nonce: 'abcd',
  environment: { node: 'v24', platform: 'linux', cpus: 2, memory_mb: 4096 },
};

/** A scenario that starts, does something and ends. */
export function scenarioLines(name: string, lines: readonly Line[], from_ms = 0): Line[] {
  const to_ms = lines.at(-1)?.[0] ?? from_ms;
  return [
    [from_ms, name, { type: 'scenario', phase: 'started' }],
    ...lines,
    [to_ms, name, { type: 'scenario', phase: 'ended' }],
  ];
}

export interface SmallCall {
  readonly id: number;
  readonly op?: ProtocolOp['op'];
  readonly due_ms: number;
  readonly sent_ms?: number;
  readonly done_ms: number;
  readonly step?: number;
  readonly value?: OpValue;
  readonly fail?: string;
  readonly info?: string;
}

export function invokeLine(scenario: string, call: SmallCall): Line {
  const op = { op: call.op ?? 'GetTask', agent: 'agent', taskId: 'task-1' } as ProtocolOp;
  const { id, due_ms, step = 0, sent_ms = due_ms } = call;
  return [sent_ms, scenario, { type: 'invoke', op_id: id, user: 'user-1', device: 0, step, due_ms, op }];
}

export function outcomeLine(scenario: string, call: SmallCall): Line {
  const errorOf = (code: string): OpError => ({ code, message: code });
  const { id, done_ms, fail, info, value = {} } = call;
  if (fail !== undefined) return [done_ms, scenario, { type: 'fail', op_id: id, error: errorOf(fail) }];
  if (info !== undefined) return [done_ms, scenario, { type: 'info', op_id: id, error: errorOf(info) }];
  return [done_ms, scenario, { type: 'ok', op_id: id, value }];
}

/** Ops one after the other, each sent and then answered. */
export function callLines(scenario: string, calls: readonly SmallCall[]): Line[] {
  return calls.flatMap((call) => [invokeLine(scenario, call), outcomeLine(scenario, call)]);
}
