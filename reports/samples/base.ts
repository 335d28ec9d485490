/** What all sample records share: a plain, passing run of nothing. Written by hand, so that goldens change for a reason. */
import type { CheckRecord, CheckStatus, Latency, OperationMetrics, RunRecord } from '../../harness/model/record.ts';

export type ScenarioRecord = RunRecord['scenarios'][number];

export const NO_LATENCY: Latency = { count: 0, p50: null, p95: null, p99: null, max: null };

export function checks(statuses: Readonly<Record<string, CheckStatus | number>>): readonly CheckRecord[] {
  return Object.entries(statuses).map(([check, status]) =>
    typeof status === 'number' ? { check, status: 'held', evidence: status } : { check, status, evidence: 0 },
  );
}

export function operation(op: string, ok: number, latency: Omit<Latency, 'count'>, more?: Partial<OperationMetrics>) {
  const all: Latency = { count: ok, ...latency };
  return { op, ok, fail: 0, info: 0, from_due: all, from_sent: all, first_event: NO_LATENCY, errors: {}, ...more };
}

export function scenario(name: string, title: string, rest: Partial<ScenarioRecord>): ScenarioRecord {
  return {
    name,
    title,
    family: 'concurrent users',
    verdict: 'pass',
    applicable: true,
    reasons: [],
    findings: [],
    checks: [],
    metrics: null,
    ...rest,
  };
}

export const EMPTY: RunRecord = {
  schema: 'muster.report/1',
  muster: '0.1.0',
  seed: 7,
  run: {
    name: 'echo',
    started_at: '2026-11-21T09:30:00.000Z',
    duration_ms: 0,
    ended: 'finished',
    target: { kind: 'fixture', name: 'echo' },
    mode: 'real',
    simulated_agents: 0,
    identity: 'bearer',
    transport: null,
    agent: null,
    events: 0,
    operations: 0,
    replay: 'npx muster run --fixture echo --seed 7',
  },
  verdict: 'inconclusive',
  exit_code: 2,
  reasons: ['the history is empty'],
  scenarios: [],
  gates: [],
  agents: [],
  ports: {
    plan: { from: 'range', first: 5000, last: 9000, block: 5, spacing: 10, exclude: [] },
    held_max: 0,
    events: [],
  },
  vitals: [],
  environment: null,
};
