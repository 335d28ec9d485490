/** Shards of one load, put together, are the load run at once: the same people at the same times, the same numbers, the same verdict. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readHistory } from '../../history/read.ts';
import type { HistoryEvent } from '../../model/history.ts';
import type { Plan } from '../../model/plan.ts';
import type { RunRecord } from '../../model/record.ts';
import { judge } from '../judge.ts';
import { merge } from '../merge.ts';
import { loadPlan, type Staging, stage } from './testing.ts';

function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'muster-merge-'));
  const silence = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const at = (...names: string[]): string => join(folder, ...names);
  return {
    at,
    json: (...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8')),
    events: (name: string): readonly HistoryEvent[] => [...readHistory(at(name, 'history.jsonl'))],
    shard: (index: number, staging: Staging, changes: Partial<Plan> = {}, of = 3) =>
      stage(at(`${index}`), loadPlan({ index, of }, changes), staging),
    [Symbol.dispose]: () => {
      silence.mockRestore();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Bench = ReturnType<typeof bench>;

/** Three shards that began one after the other, merged into `whole`, and the load run at once in `once`. */
async function both(open: Bench, leaks?: true) {
  const more = leaks === undefined ? {} : { leaks };
  const shards = [
    await open.shard(1, { at_ms: 40, ...more }),
    await open.shard(2, { at_ms: 0, ...more }),
    await open.shard(3, { at_ms: 71.25, ...more }),
  ];
  await stage(open.at('once'), loadPlan(), { at_ms: 0, ...more });
  const once = await judge(open.at('once'));
  const code = await merge({ segments: [shards[2], shards[0], shards[1]] as string[], out: open.at('whole') });
  return { shards, once, code };
}

const arrivals = (events: readonly HistoryEvent[]): readonly string[] =>
  events
    .flatMap((event) => (event.type === 'user' && event.phase === 'arrived' ? [`${event.user} ${event.device}`] : []))
    .sort();

test('three shards merged have the arrivals, the numbers and the verdict of the whole', async () => {
  using open = bench();
  const { once, code } = await both(open);
  expect([once, code]).toEqual([0, 0]);
  const whole = open.events('whole');
  expect(arrivals(whole)).toEqual(arrivals(open.events('once')));
  expect(arrivals(whole).length).toBeGreaterThan(90);
  const { load, operations, users }: NonNullable<RunRecord['scenarios'][number]['metrics']> = open.json(
    'whole',
    'report.json',
  ).scenarios[0].metrics;
  expect(await merge({ segments: [open.at('once')], out: open.at('alone') })).toBe(0);
  expect(load?.connections).toBe(4 * (load?.sent.count ?? 0));
  const alone = open.json('alone', 'report.json').scenarios[0].metrics;
  expect({ load, operations, users }).toEqual({ load: alone.load, operations: alone.operations, users: alone.users });
});

test('the history of the whole is in order, its ops are told apart, and what all shards tell is told once', async () => {
  using open = bench();
  await both(open);
  const events = open.events('whole');
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, place) => place));
  const times = events.map(({ time_ms }) => time_ms);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const ops = events.flatMap((event) => (event.type === 'invoke' ? [event.op_id] : []));
  expect(new Set(ops).size).toBe(ops.length);
  expect(events.filter(({ type }) => type === 'ok').length).toBe(ops.length);
  const phases = events.flatMap((event) => (event.type === 'scenario' || event.type === 'run' ? [event.phase] : []));
  expect(phases).toEqual(['started', 'started', 'loading', 'load-over', 'settling', 'ended', 'ended']);
  const firstOf = (shard: string) => open.events(shard).find(({ type }) => type === 'invoke')?.time_ms ?? 0;
  // By the clock of the machine, whatever the one on the wall was set to.
  const merged = events.flatMap((event) => (event.type === 'invoke' && event.user === 'u3' ? [event.time_ms] : []));
  expect(merged[0]).toBeCloseTo(firstOf('3') + 71.25, 3);
});

test('a leak from a user of one shard to a user of another is found in the whole, and judged again it is the same', async () => {
  using open = bench();
  const { shards, once, code } = await both(open, true);
  expect([once, code]).toEqual([1, 1]);
  const checksOf = (name: string) =>
    open
      .json(name, 'verdict.json')
      .scenarios[0].findings.map((finding: { check: string; kind: string; occurrences: number }) => [
        finding.check,
        finding.kind,
        finding.occurrences,
      ]);
  expect(checksOf('whole')).toEqual(checksOf('once'));
  expect(await judge(shards[0] ?? '')).toBe(0);
  const before = readFileSync(open.at('whole', 'verdict.json'), 'utf8');
  await judge(open.at('whole'));
  expect(readFileSync(open.at('whole', 'verdict.json'), 'utf8')).toBe(before);
});

test('a shard that was killed is merged with what it had seen, and the whole is never green', async () => {
  using open = bench();
  const shards = [
    await open.shard(1, { at_ms: 0 }),
    await open.shard(2, { at_ms: 0, ended: 'running' }),
    await open.shard(3, { at_ms: 0 }),
  ];
  expect(await merge({ segments: shards, out: open.at('whole') })).toBe(2);
  const verdict = open.json('whole', 'verdict.json');
  expect(verdict).toMatchObject({ verdict: 'inconclusive', ended: 'crashed' });
  expect(verdict.reasons.join()).toContain('shard 2 of 3 was killed');
  const sent = open.json('whole', 'report.json').scenarios[0].metrics.load.sent.count;
  const ofShard = (name: string) => arrivals(open.events(name)).length;
  expect(sent).toBe(ofShard('1') + ofShard('2') + ofShard('3'));
  expect(ofShard('2')).toBeGreaterThan(5);
});

test('a history that was cut short or is missing makes the whole inconclusive, and says which', async () => {
  using open = bench();
  const shards = [await open.shard(1, { at_ms: 0 }), await open.shard(2, { at_ms: 0, hasHistory: false })];
  shards.push(await open.shard(3, { at_ms: 0 }));
  truncateSync(open.at('3', 'history.jsonl'), 9_000);
  expect(await merge({ segments: shards, out: open.at('whole') })).toBe(2);
  const reasons = open.json('whole', 'verdict.json').reasons.join();
  expect(reasons).toContain('shard 2 of 3 came without its history');
  expect(reasons).toMatch(/the history of shard 3 of 3 was cut short: \d+ of its \d+ events are whole/);
});

test('shards that are not one load are refused with all reasons, and nothing is written', async () => {
  using open = bench();
  const [one, two] = [await open.shard(1, { at_ms: 0 }), await open.shard(2, { at_ms: 0 })];
  const other = await stage(open.at('other'), loadPlan({ index: 3, of: 3 }, { seed: 8 }), { at_ms: 0 });
  const half = await stage(open.at('half'), loadPlan({ index: 2, of: 2 }), { at_ms: 0 });
  const older = await stage(open.at('older'), loadPlan({ index: 3, of: 3 }, { muster: '0.0.9' }), { at_ms: 0 });
  const refused = async (...segments: string[]): Promise<string> =>
    merge({ segments, out: open.at('whole') }).then(String, (error: Error) => error.message);
  expect(await refused(one, two)).toContain('Shard 3 of 3 is missing');
  expect(await refused(one, one, two)).toMatch(/Shard 3 of 3 is missing[\s\S]*Shard 1 of 3 is there 2 times/);
  expect(await refused(one, two, other)).toContain('it is of another plan');
  expect(await refused(one, half)).toContain('it is shard 2 of 2, and not one of 3');
  expect(await refused(one, two, older)).toContain('of muster 0.1.0, the other of 0.0.9');
  expect(await refused()).toContain('There is no segment to merge');
  expect(await refused(open.at('nowhere'), one)).toContain('cannot be read: ENOENT');
  truncateSync(join(two, 'segment.json'), 500);
  expect(await refused(one, two)).toContain('so it was probably cut short');
  const segment = { ...open.json('1', 'segment.json'), schema: 'muster.segment/9' };
  writeFileSync(join(two, 'segment.json'), JSON.stringify(segment));
  expect(await refused(one, two)).toContain('its schema is "muster.segment/9", and this muster reads muster.segment/1');
  writeFileSync(
    join(two, 'segment.json'),
    JSON.stringify({ ...segment, schema: 'muster.segment/1', plan: { ...segment.plan, seed: 9 } }),
  );
  expect(await refused(one, two)).toContain('was changed: its plan is not the one');
  expect(() => readFileSync(open.at('whole', 'plan.json'))).toThrow('ENOENT');
});

test('shards that each started an agent of their own are no load on one agent', async () => {
  using open = bench();
  const target = { kind: 'fixture', name: 'echo' } as const;
  const shards = [await open.shard(1, { at_ms: 0 }, { target }, 2), await open.shard(2, { at_ms: 0 }, { target }, 2)];
  await expect(merge({ segments: shards, out: open.at('whole') })).rejects.toThrow(
    'started an agent of its own (fixture)',
  );
});
