/** Both engines must give the same numbers for the same calls. */
import { expect, test } from 'vitest';
import { startK6Feed } from './k6-samples.ts';
import { loadRulesOf } from './load-metrics.ts';
import { toLoadRecord } from './load-record.ts';
import { addMeasurement, addTerminal, addVisit, beginLoad, endLoad, type Measurement } from './measurement.ts';
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

test('what was drawn beforehand counts from when it was due, whenever it was sent', () => {
  const metrics = startMetrics(rules);
  const take = startK6Feed(metrics, ZERO_MS);
  const at_ms = ZERO_MS + 1_060;
  const tags = { operation: 'SendMessage', outcome: 'ok' };
  take({ metric: 'a2a_call_duration', value: 40, at_ms, tags, late_ms: 20 });
  take({
    metric: 'a2a_time_to_first_event',
    value: 30,
    at_ms,
    tags: { operation: 'SendStreamingMessage' },
    late_ms: 20,
  });
  for (const came of ['true', 'false']) take({ metric: 'muster_visit_due', value: at_ms - 60, at_ms, tags: { came } });
  const { load, tallies } = metrics;
  expect(tallies.get('SendMessage')).toMatchObject({ from_due: { max_us: 60_000 }, from_sent: { max_us: 40_000 } });
  expect(tallies.get('SendStreamingMessage')?.first_event).toMatchObject({ max_us: 50_000 });
  expect(load).toMatchObject({ began_ms: 1_000, due: 2, sent: 1, dropped: 1, lag: { max_us: 20_000 } });
});

test('the samples of k6 give what the same calls give when they are told by the embedded engine', () => {
  const [byK6, byNode] = [startMetrics(rules), startMetrics(rules)];
  for (const metrics of [byK6, byNode]) beginLoad(metrics, 500);
  beginLoad(byNode, 480);
  const [ops, visits]: [Measurement[], number[]] = [[], []];
  const take = startK6Feed(byK6, ZERO_MS, {
    op: (measurement) => ops.push(measurement),
    visit: (due_ms) => visits.push(due_ms),
  });
  const sample = (metric: string, value: number, at_ms: number, tags: Record<string, string> = {}) =>
    take({ metric, value, at_ms: ZERO_MS + at_ms, tags });

  sample('muster_load_began', ZERO_MS + 480, 1_000);
  const stream = { operation: 'SendStreamingMessage', user: 'u2' };
  const said = { operation: 'SendMessage', user: 'u1' };
  sample('a2a_time_to_first_event', 20, 1_020, stream);
  sample('a2a_event_gap', 70, 1_090, stream);
  sample('a2a_events', 2, 1_090, stream);
  sample('a2a_call_duration', 100, 1_100, { ...stream, outcome: 'ok' });
  sample('a2a_task_duration', 90, 1_100, { ...stream, state: 'TASK_STATE_COMPLETED' });
  sample('a2a_connect', 3, 1_100, stream);
  sample('a2a_call_duration', 40, 1_540, { operation: 'GetTask', user: 'u1', outcome: 'fail', reason: 'http-503' });
  sample('a2a_task_duration', 40, 1_540, { operation: 'GetTask', user: 'u1', state: 'TASK_STATE_COMPLETED' });
  sample('a2a_call_duration', 10, 1_560, { ...said, outcome: 'ok', state: 'TASK_STATE_FAILED' });
  sample('muster_task_duration', 60, 1_580, { operation: 'SendMessage', state: 'TASK_STATE_CANCELED' });
  sample('muster_visits', 1, 1_000, { user: 'u2' });
  sample('muster_visits', 1, 1_500, { user: 'u1' });
  sample('dropped_iterations', 2, 1_600);
  sample('http_req_duration', 9, 1_600, stream);
  sample('a2a_call_duration', 9, 1_600, { operation: 'MadeUp', outcome: 'ok' });

  const terminal = { began_by: 'SendStreamingMessage', state: 'TASK_STATE_COMPLETED', took_ms: 90 } as const;
  const events_ms = [1_020, 1_090];
  const call = { op: 'SendStreamingMessage', user: 1, due_ms: 1_000, sent_ms: 1_000, ended_ms: 1_100 } as const;
  addMeasurement(byNode, { ...call, outcome: 'ok', events_ms, terminal });
  const failed = { op: 'GetTask', user: 0, due_ms: 1_500, sent_ms: 1_500, ended_ms: 1_540, outcome: 'fail' } as const;
  addMeasurement(byNode, { ...failed, error: 'http-503' });
  const asked = { op: 'SendMessage', user: 0, due_ms: 1_550, sent_ms: 1_550, ended_ms: 1_560, outcome: 'ok' } as const;
  addMeasurement(byNode, { ...asked, in_vain: true });
  addTerminal(byNode, { began_by: 'SendMessage', state: 'TASK_STATE_CANCELED', took_ms: 60 });
  addVisit(byNode, 1_000, true, 1);
  addVisit(byNode, 1_500, true, 0);
  addVisit(byNode, 1_600, false, -1);
  addVisit(byNode, 1_600, false, -1);

  const [k6, node] = [byK6, byNode].map((metrics) => {
    endLoad(metrics, 2_500, false);
    if (metrics.load === null) throw new Error('the plan has a load');
    return toLoadRecord(plan, metrics, metrics.load);
  });
  expect(k6).toMatchObject({ due: { count: 4 }, sent: { count: 2 }, dropped: 2, stalls: 1, terminal: { count: 2 } });
  expect(k6).toEqual({ ...node, connections: 1 });
  // Of three calls only the stream was good: the second failed, and the third told of a task that had.
  expect(k6?.goodput).toMatchObject({ good: 1 });
  expect(ops.map(({ op }) => op)).toEqual(['SendStreamingMessage', 'GetTask', 'SendMessage']);
  expect(visits).toEqual([1_000, 1_500, 1_600, 1_600]);
});
