/** Both engines must give the same numbers for the same calls. */
import { expect, test } from 'vitest';
import { startK6Feed } from './k6-samples.ts';
import { loadRulesOf } from './load-metrics.ts';
import { toLoadRecord } from './load-record.ts';
import { addMeasurement, addVisit, beginLoad, endLoad } from './measurement.ts';
import { startMetrics } from './metrics.ts';
import { smallLoad, smallPlan, smallScenario } from './testing.ts';

const plan = smallLoad();
const rules = loadRulesOf(smallPlan([smallScenario('load', { users: 4 })], { load: plan }));
const ZERO_MS = 1_793_000_000_000;

test('a stream that its reader left has no latency, and an outcome without a reason is told as unknown', () => {
  const metrics = startMetrics(rules);
  const take = startK6Feed(metrics, ZERO_MS);
  const ended = { operation: 'SubscribeToTask', outcome: 'ok', ended: 'by-reader' };
  take({ metric: 'a2a_call_duration', value: 9, at_ms: ZERO_MS + 10, tags: ended });
  take({ metric: 'a2a_call_duration', value: 9, at_ms: ZERO_MS + 10, tags: { operation: 'SubscribeToTask' } });
  const tally = metrics.tallies.get('SubscribeToTask');
  expect(tally).toMatchObject({ ok: 1, info: 1, asked: 1, errors: new Map([['unknown', 1]]) });
  expect(tally?.from_due.histogram.totalCount).toBe(1);
});

test('the samples of k6 give what the same calls give when they are told by the embedded engine', () => {
  const [byK6, byNode] = [startMetrics(rules), startMetrics(rules)];
  for (const metrics of [byK6, byNode]) beginLoad(metrics, 500);
  const take = startK6Feed(byK6, ZERO_MS);
  const sample = (metric: string, value: number, at_ms: number, tags: Record<string, string> = {}) =>
    take({ metric, value, at_ms: ZERO_MS + at_ms, tags });

  const stream = { operation: 'SendStreamingMessage', user: 'u2' };
  sample('a2a_time_to_first_event', 20, 1_020, stream);
  sample('a2a_event_gap', 70, 1_090, stream);
  sample('a2a_events', 2, 1_090, stream);
  sample('a2a_call_duration', 100, 1_100, { ...stream, outcome: 'ok' });
  sample('a2a_task_duration', 90, 1_100, stream);
  sample('a2a_connect', 3, 1_100, stream);
  sample('a2a_call_duration', 40, 1_540, { operation: 'GetTask', user: 'u1', outcome: 'fail', reason: 'http-503' });
  sample('a2a_task_duration', 40, 1_540, { operation: 'GetTask', user: 'u1' });
  sample('iteration_duration', 101, 1_101, { user: 'u2' });
  sample('iteration_duration', 40, 1_540, { user: 'u1' });
  sample('dropped_iterations', 2, 1_600);
  sample('http_req_duration', 9, 1_600, stream);
  sample('a2a_call_duration', 9, 1_600, { operation: 'MadeUp', outcome: 'ok' });

  const terminal = { began_by: 'SendStreamingMessage', state: 'TASK_STATE_COMPLETED', took_ms: 90 } as const;
  const events_ms = [1_020, 1_090];
  const call = { op: 'SendStreamingMessage', user: 1, due_ms: 1_000, sent_ms: 1_000, ended_ms: 1_100 } as const;
  addMeasurement(byNode, { ...call, outcome: 'ok', events_ms, terminal });
  const failed = { op: 'GetTask', user: 0, due_ms: 1_500, sent_ms: 1_500, ended_ms: 1_540, outcome: 'fail' } as const;
  addMeasurement(byNode, { ...failed, error: 'http-503' });
  addVisit(byNode, 1_000, true, 1);
  addVisit(byNode, 1_500, true, 0);
  addVisit(byNode, 1_600, false, -1);
  addVisit(byNode, 1_600, false, -1);

  const [k6, node] = [byK6, byNode].map((metrics) => {
    endLoad(metrics, 2_500, false);
    if (metrics.load === null) throw new Error('the plan has a load');
    return toLoadRecord(plan, metrics, metrics.load);
  });
  expect(k6).toMatchObject({ due: { count: 4 }, sent: { count: 2 }, dropped: 2, stalls: 1, terminal: { count: 1 } });
  const operations = node?.operations.map((operation) => ({ ...operation, ended: {} }));
  expect(k6).toEqual({ ...node, operations, connections: 1 });
});
