/** Three shards, each a process of its own, are together the load run at once, also for a bug that no shard can see alone. */
import { expect, test } from 'vitest';
import { fixtures } from '../fixtures/table.ts';
import type { HistoryEvent } from '../harness/model/history.ts';
import type { Plan } from '../harness/model/plan.ts';
import { loadVisits } from '../harness/plan/load-visits.ts';
import { userName } from '../harness/plan/visits.ts';
import { wholePlan } from '../harness/plan/whole-plan.ts';
import { openBench } from './muster.ts';

const visitsIn = (events: readonly HistoryEvent[]): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'user' && event.phase === 'arrived' ? [`${event.user} ${event.device}`] : [],
  );

test('three shards merged have the visits of the whole, and find what only users of two shards can show', async () => {
  using bench = openBench();
  await using agent = await fixtures.find(({ name }) => name === 'shared-variable')?.start({ port: 0 });
  const flags = [
    '--url',
    agent?.url ?? '',
    '--phrasebook',
    'echo',
    '--identity',
    'bearer',
    '--seed',
    '7',
    '--users',
    '3',
  ];
  const load = ['load', ...flags, '--rate', '60', '--for', '1500ms', '--arrivals', 'poisson'];
  const runs = [...[1, 2, 3].map((index) => ['--shard', `${index}/3`, '--out', `s${index}`]), ['--out', 'once']];
  const ended = await Promise.all(runs.map((more) => bench.muster(...load, ...more)));
  const merged = await bench.muster('merge', 's2', 's3', 's1', '--out', 'whole');
  expect([...ended, merged].map(({ stderr }) => stderr)).toEqual(['', '', '', '', '']);
  expect([ended[3]?.code, merged.code]).toEqual([1, 1]);
  const plan: Plan = JSON.parse(bench.text('whole', 'plan.json'));
  const whole = JSON.parse(bench.text('once', 'plan.json'));
  expect(plan).toEqual(wholePlan(whole));
  if (plan.load === undefined) throw new Error('The plan has no load');
  const planned = [...loadVisits({ ...plan, load: plan.load })].map(
    ({ index, device }) => `${userName(index)} ${device}`,
  );
  expect(planned.length).toBeGreaterThan(60);
  expect(visitsIn(bench.history('once'))).toEqual(planned);
  expect(visitsIn(bench.history('whole')).toSorted()).toEqual(planned.toSorted());
  const found = (run: string) => new Set(bench.record(run).scenarios[0]?.findings.map(({ check }) => check));
  expect(found('whole')).toEqual(found('once'));
  expect(found('whole')).toContain('user-isolation');
  for (const shard of ['s1', 's2', 's3']) expect(found(shard)).not.toContain('user-isolation');
  expect(bench.record('whole').run.replay).not.toContain('--shard');
});
