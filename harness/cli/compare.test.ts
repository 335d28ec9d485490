/** What `muster compare` and `muster load --against` say of runs, and which exit code that is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { loadRulesOf } from '../judge/load-metrics.ts';
import { addMeasurement, addVisit, beginLoad, endLoad } from '../judge/measurement.ts';
import { startMetrics } from '../judge/metrics.ts';
import { smallLoad, smallPlan, smallScenario } from '../judge/testing.ts';
import type { Comparison } from '../model/comparison.ts';
import { makeFolder } from '../run/make-folder.ts';
import { writeSegment } from '../run/segment-file.ts';
import { compare } from './compare.ts';
import { againstFrom } from './load/against-options.ts';

const SECONDS = 40;
const stages = [{ from_per_s: 30, to_per_s: 30, for_ms: SECONDS * 1000 }];

/** The run folder of a load in which an answer takes `took_ms`, and a little more or less. */
async function runIn(folder: string, took_ms: number, objective_ms = 200): Promise<string> {
  await makeFolder(folder);
  const load = smallLoad({ demand: { kind: 'open', stages, arrivals: 'even' }, objective_ms });
  const plan = smallPlan([smallScenario('load', { users: 4 })], { load });
  const metrics = startMetrics(loadRulesOf(plan));
  beginLoad(metrics, 0);
  for (let visit = 0; visit < 30 * SECONDS; visit += 1) {
    const due_ms = (visit * 1000) / 30;
    const ended_ms = due_ms + took_ms * (0.8 + ((visit * 37) % 41) / 100);
    addVisit(metrics, due_ms, true, visit % 4);
    addMeasurement(metrics, { op: 'SendMessage', user: visit % 4, due_ms, sent_ms: due_ms, ended_ms, outcome: 'ok' });
  }
  endLoad(metrics, SECONDS * 1000, false);
  const clock = { wall_ms: 0, boot: { id: 'machine', at_ms: 0 } };
  await writeSegment(folder, plan, clock, { ended: 'finished', events: 0, metrics, vitals: [] });
  return folder;
}

function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'muster-compare-'));
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return {
    at: (name: string) => join(folder, name),
    said: () => {
      const said = text;
      text = '';
      return said;
    },
    [Symbol.dispose]: () => {
      spy.mockRestore();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test('a load that is slower is worse, the other way round better, and itself is the same', async () => {
  using open = bench();
  const [fast, slow] = [await runIn(open.at('fast'), 50), await runIn(open.at('slow'), 65)];
  expect(await compare({ a: fast, b: slow, json: true })).toBe(3);
  const worse: Comparison = JSON.parse(open.said());
  expect(worse).toMatchObject({ judgement: 'worse', exit_code: 3, notes: [] });
  const p50 = worse.metrics.find(({ metric }) => metric === 'p50_ms');
  expect(p50).toMatchObject({ judgement: 'worse', parts: 39 });
  expect(p50?.effect).toBeGreaterThan(27);
  expect(p50?.effect).toBeLessThan(33);
  expect(await compare({ a: slow, b: join(fast, 'report.json'), json: false })).toBe(0);
  expect(open.said()).toMatch(/ BETTER {2}B is better than A[\s\S]*p50_ms +6\d\.\d+ ms +4\d.*better/);
  expect(await compare({ a: slow, b: slow, json: false })).toBe(0);
  expect(open.said()).toContain(' SAME  no difference that matters');
  expect(await compare({ a: fast, b: slow, json: false, floor: 40, seenFrom: 50 })).toBe(0);
});

test('what makes a comparison doubtful is told, and what makes it impossible is refused', async () => {
  using open = bench();
  const [one, other] = [await runIn(open.at('one'), 50), await runIn(open.at('other'), 50, 100)];
  const segment = JSON.parse(readFileSync(join(other, 'segment.json'), 'utf8'));
  const elsewhere = { ...segment, clock: { wall_ms: 0, boot: { id: 'elsewhere', at_ms: 0 } }, ended: 'interrupted' };
  writeFileSync(join(other, 'segment.json'), JSON.stringify(elsewhere));
  await compare({ a: one, b: other, json: false });
  const said = open.said();
  expect(said).toContain('They ran on two machines');
  expect(said).toContain('Their plans differ in objective_ms');
  expect(said).toContain('B did not finish: interrupted');
  await expect(compare({ a: one, b: open.at('nowhere'), json: false, floor: 30 })).rejects.toThrow(
    /--seen-from: 20 is not more than the floor of 30 percent\n.*nowhere cannot be read/,
  );
  writeFileSync(join(other, 'segment.json'), JSON.stringify({ ...segment, metrics: null, ended: 'running' }));
  await expect(compare({ a: one, b: other, json: false })).rejects.toThrow('has measured nothing: its load was killed');
});

test('the other agent is a URL, a fixture or a command, and blocks are long and many enough to tell anything', () => {
  const read = (args: Parameters<typeof againstFrom>[0]) => {
    const problems: string[] = [];
    return { settings: againstFrom(args, problems), problems };
  };
  expect(read({ against: 'https://a.example/x' }).settings?.target).toEqual({
    kind: 'url',
    url: 'https://a.example/x',
  });
  expect(read({ against: 'fixture:echo' }).settings?.target).toEqual({ kind: 'fixture', name: 'echo' });
  expect(read({ against: 'python b.py', block: '1s' }).settings).toMatchObject({
    target: { kind: 'command', command: 'python b.py' },
    pairs: 12,
    block_ms: 1_000,
    discard_ms: 250,
  });
  expect(read({ against: 'x', pairs: 3, block: '10ms' }).problems.join()).toMatch(/--pairs: 3 .*--block: "10ms"/);
  expect(read({ pairs: 9 }).problems.join()).toContain('name the other one with --against');
  expect(read({}).settings).toBeUndefined();
});
