/** Isolation strategies compared on an agent that shares state; one strategy could not be had on that machine. */
import type { IsolationRecord, Latency, RunRecord } from '../../harness/model/record.ts';
import { checks, NO_LATENCY, scenario } from './base.ts';
import { failing } from './failing.ts';
import { CALM } from './load.ts';

const latency = (count: number, p50: number | null, max: number): Latency => ({
  count,
  p50,
  p95: null,
  p99: null,
  max,
});
const NONE = latency(8, 0, 0);

function record(strategy: IsolationRecord['strategy'], rest: Partial<IsolationRecord>): IsolationRecord {
  return {
    scenario: `isolation-${strategy}`,
    strategy,
    asked: 8,
    opened: 8,
    refused: 0,
    failed: 0,
    refusal: null,
    at_once_max: 8,
    waiting: NONE,
    boot: latency(8, 2970, 2981),
    cold_starts: NO_LATENCY,
    memory: { per_session_mb: 92.4, sessions: 8, processes: 16, memory_is: 'pss' },
    conflicts: 0,
    findings: 0,
    ...rest,
  };
}

const isolation: readonly IsolationRecord[] = [
  record('fixed', {
    opened: 1,
    refused: 7,
    refusal: 'Failed to open a session for "u2": its ports are fixed (5001, 5002), and the session of "u1" has them.',
    at_once_max: 1,
    waiting: latency(1, null, 0),
    boot: latency(1, null, 389),
    memory: { per_session_mb: 117.2, sessions: 1, processes: 2, memory_is: 'pss' },
  }),
  record('hashed', {
    boot: latency(8, 1360, 1384),
    memory: { per_session_mb: 48.9, sessions: 8, processes: 8, memory_is: 'pss' },
    conflicts: 4,
    findings: 50,
  }),
  record('dynamic', {}),
  record('namespace', {
    asked: 0,
    opened: 0,
    at_once_max: 0,
    waiting: NO_LATENCY,
    boot: NO_LATENCY,
    memory: null,
    findings: null,
  }),
  record('queue', { at_once_max: 1, waiting: latency(8, 3960, 9402), boot: latency(8, 492, 616), memory: null }),
  record('router', {
    boot: latency(8, 489, 489),
    memory: { per_session_mb: 14.6, sessions: 8, processes: 2, memory_is: 'pss' },
    findings: 86,
  }),
  record('on-demand', {
    boot: latency(8, 3.6, 5.2),
    cold_starts: { count: 32, p50: 1470, p95: 1860, p99: null, max: 2010 },
    failed: 1,
  }),
];

const leak = failing.scenarios.flatMap((each) => each.findings).slice(0, 1);

export const isolated: RunRecord = {
  ...failing,
  scenarios: isolation.map(({ scenario: name, strategy, findings }) =>
    scenario(name, `The same users, ${strategy}`, {
      family: 'isolation strategies',
      checks: checks({ 'user-isolation': (findings ?? 0) > 0 ? 'violated' : 96 }),
      metrics: CALM,
      ...((findings ?? 0) > 0 ? { verdict: 'fail', findings: leak } : {}),
      ...(strategy === 'namespace'
        ? {
            verdict: 'not-applicable',
            applicable: false,
            metrics: null,
            checks: [],
            reasons: ['namespaces cannot be made here: unshare: unshare failed: Operation not permitted'],
          }
        : {}),
    }),
  ),
  gates: [],
  isolation,
};
