import { expect, test } from 'vitest';
import { writtenHistories } from '../../fixtures/histories/read-history.ts';
import { checks } from '../checks/table.ts';
import type { HistoryEvent } from '../model/history.ts';
import { judge } from './judge.ts';
import { smallPlan, smallScenario } from './testing.ts';
import { startWatch } from './watch.ts';

const plan = smallPlan([smallScenario('example', { idle_ms_max: 1_000 })]);

const fingerprintsOf = (events: readonly HistoryEvent[]): readonly string[] =>
  judge(plan, events, checks).scenarios.flatMap(({ findings }) => findings.flatMap((one) => one.fingerprints));

/** Nothing more happens, for so long that it must have been looked at. */
function withCalmAfter(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const last = events.at(-1);
  if (last === undefined) return events;
  const { seq, time_ms, scenario } = last;
  const vitals = { type: 'vitals', loop_delay_ms_p99: 1, cpu_percent: 1, rss_mb: 1, open_ops: 0 } as const;
  return [...events, ...Array.from({ length: 10 }, (_, at) => ({ seq: seq + at + 1, time_ms, scenario, ...vitals }))];
}

test('what a history convicts of is seen before its end, and never before it is there', () => {
  let seen = 0;
  for (const { check, name, events } of writtenHistories()) {
    const sought = fingerprintsOf(events);
    const history = withCalmAfter(events);
    const isSeen = startWatch(plan, checks, new Set(sought));
    const first = history.findIndex((event) => isSeen(event));
    expect(first === -1, `${check}/${name}`).toBe(sought.length === 0);
    if (first === -1) continue;
    seen += 1;
    expect(fingerprintsOf(history.slice(0, first + 1)), `${check}/${name}`).toEqual(
      expect.arrayContaining([...sought.slice(0, 1)]),
    );
  }
  expect(seen).toBeGreaterThan(20);
});

test('another finding is not waited for', () => {
  const [bad] = writtenHistories().filter(({ check, isBad }) => check === 'user-isolation' && isBad);
  const isSeen = startWatch(plan, checks, new Set(['user-isolation/canary-in-list/ListTasks']));
  expect(withCalmAfter(bad?.events ?? []).some((event) => isSeen(event))).toBe(false);
});
