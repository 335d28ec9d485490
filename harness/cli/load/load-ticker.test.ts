/** What is told of each second adds up to what happened. */
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../model/history.ts';
import { describeTick, startTicker, type Tick } from './load-ticker.ts';

const at = (time_ms: number, event: object): HistoryEvent =>
  ({ seq: time_ms, time_ms, scenario: 'load', ...event }) as unknown as HistoryEvent;
const arrived = (time_ms: number): HistoryEvent => at(time_ms, { type: 'user', phase: 'arrived', due_ms: time_ms });
const asked = (time_ms: number, op_id: number, step = 0): HistoryEvent =>
  at(time_ms, { type: 'invoke', op_id, step, due_ms: time_ms - 5, op: { op: 'SendMessage' } });
const answered = (time_ms: number, op_id: number, type = 'ok'): HistoryEvent => at(time_ms, { type, op_id });

test('a second is told when the next has begun, with what ended in it', () => {
  const { add } = startTicker();
  const ticks = [
    at(100, { type: 'agent', phase: 'starting' }),
    arrived(1_000),
    asked(1_010, 1),
    arrived(1_100),
    asked(1_110, 2),
    at(1_200, { type: 'invoke', op_id: 3, step: 1, due_ms: 1_200, op: { op: 'pause', ms: 5 } }),
    answered(1_205, 3),
    answered(1_605, 1),
    at(1_700, { type: 'user', phase: 'dropped', due_ms: 1_700 }),
    answered(2_005, 2, 'fail'),
    asked(2_100, 4, -1),
    arrived(4_500),
  ].flatMap((event) => add(event) ?? []);
  expect(ticks).toEqual([
    { at_s: 1, visits: 2, requests: 2, p95_ms: 600, errors: 0, dropped: 1, open: 1 },
    { at_s: 2, visits: 0, requests: 0, p95_ms: 900, errors: 1, dropped: 0, open: 0 },
  ]);
});

test('users who are not written down are told, too', () => {
  const ticker = startTicker();
  const ticks = [
    ticker.visit(1_000, true),
    ticker.op({ due_ms: 1_000, ended_ms: 1_040, outcome: 'ok' }),
    ticker.op({ due_ms: 1_100, ended_ms: 1_900, outcome: 'info' }),
    ticker.visit(1_500, false),
    ticker.visit(2_000, true),
  ].flatMap((tick) => tick ?? []);
  expect(ticks).toEqual([{ at_s: 1, visits: 1, requests: 2, p95_ms: 800, errors: 1, dropped: 1, open: 0 }]);
});

test('a tick is a line that can be read', () => {
  const tick: Tick = { at_s: 3, visits: 20, requests: 31, p95_ms: 4.25, errors: 1, dropped: 0, open: 2 };
  expect(describeTick(tick, 30)).toBe('  3/30 s, 20 visits/s, 31 requests/s, p95 4.3 ms, 1 errors, 2 open');
  expect(describeTick({ ...tick, p95_ms: null, dropped: 7 }, 30)).toBe(
    '  3/30 s, 20 visits/s, 31 requests/s, no answer, 1 errors, 7 dropped, 2 open',
  );
});
