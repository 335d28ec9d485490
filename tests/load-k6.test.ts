/** One plan by both engines: the real k6 gives the run folder that the embedded engine gives, and nothing that breaks it is green. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { findFixture } from '../fixtures/table.ts';
import { report } from '../harness/cli/judge.ts';
import type { LoadArguments } from '../harness/cli/load/arguments.ts';
import { load } from '../harness/cli/load/load.ts';
import { planLoadFrom } from '../harness/cli/load/settings.ts';
import { merge } from '../harness/cli/merge.ts';
import { k6OrWhyNot } from '../harness/engines/k6/testing.ts';
import { decodeMetrics } from '../harness/judge/encode-metrics.ts';
import type { LoadRecord } from '../harness/model/load-record.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { RunRecord, Verdict } from '../harness/model/record.ts';

const k6 = await k6OrWhyNot();
const folder = mkdtempSync(join(tmpdir(), 'muster-load-k6-'));
const echo = findFixture('echo');
if (echo === undefined) throw new Error('Failed to find the fixture echo: there is none of that name.');
const agent = await echo.start({ port: 0 });
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const at = (...names: string[]): string => join(folder, ...names);
const read = (...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8'));

/** A machine that is busy with other tests makes both engines late, and that is not asked here. */
const patient = (plan: Plan): Plan => ({
  ...plan,
  policy: { ...plan.policy, harness_lag_ms_max: 10_000, harness_wait_percent_max: 100, settle_ms_max: 2_000 },
  ...(plan.load && { load: { ...plan.load, dropped_percent_max: 20 } }),
});

/** The exit code of `muster load`; its run folder goes by this name. */
async function run(
  name: string,
  args: LoadArguments,
  doing: { readonly stopFile?: string } = {},
  change: (plan: Plan) => Plan = (plan) => plan,
): Promise<number> {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { plan } = await planLoadFrom({ url: agent.url, seed: 5, users: 30, ...args });
  writeFileSync(at(`${name}.json`), JSON.stringify(change(patient(plan))));
  return load({ plan: at(`${name}.json`), out: at(name), ...doing });
}

const verdictOf = (name: string): Verdict => read(name, 'verdict.json');

function loadOf(name: string): LoadRecord {
  const record: RunRecord = read(name, 'report.json');
  const measured = record.scenarios[0]?.metrics?.load;
  if (measured === undefined) throw new Error(`Failed to read ${name}: nothing was measured`);
  return measured;
}

/** Who comes is 61 in both. */
const SMOKE = { rate: '40', for: '1510ms', mix: 'ask=1,stream=1' } as const;
const MET = ['error_rate < 1%', 'p95_ms(SendMessage) < 5000', 'first_event_p50_ms < 5000'];

/** The names of all that a record tells, however deep. */
function shapeOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((each) => shapeOf(each, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, each]) => shapeOf(each, `${path}.${name}`));
}

/** Four of five of its latencies lie between. */
function middleOf(name: string, op: string): { readonly from: number; readonly to: number } {
  const histogram = decodeMetrics(read(name, 'segment.json').metrics).tallies.get(op)?.from_due.histogram;
  if (histogram === undefined) throw new Error(`Failed to read ${name}: there is no ${op}`);
  return { from: histogram.getValueAtPercentile(10), to: histogram.getValueAtPercentile(90) };
}

test('one plan by both engines: the same counts and rates, latencies that overlap, one shape of report', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  expect(await run('by-node', { ...SMOKE, gate: MET, checks: 'off' })).toBe(0);
  expect(await run('by-k6', { ...SMOKE, gate: MET, engine: 'k6' })).toBe(0);
  const [node, byK6] = [loadOf('by-node'), loadOf('by-k6')];
  const near = (one: number | null, other: number | null, whole = other): void =>
    expect(Math.abs((one ?? Number.NaN) - (other ?? Number.NaN)) / (whole ?? Number.NaN)).toBeLessThanOrEqual(0.02);
  near(byK6.due.count, node.due.count);
  near(byK6.due.per_s, node.due.per_s);
  // Where k6 drops a visit, on a busy machine, those after it have a number less.
  const slack = 1 + byK6.dropped;
  const whole = node.due.count * slack;
  for (const [place, one] of byK6.operations.entries()) {
    const other = node.operations[place];
    expect(one.op).toBe(other?.op);
    near(one.goodput.due, other?.goodput.due ?? null, whole);
    near(one.events.count, other?.events.count ?? null, node.events.count * slack);
    near(one.terminal.count, other?.terminal.count ?? null, whole);
    expect(Object.keys(one.ended)).toEqual(Object.keys(other?.ended ?? {}));
  }
  for (const { op } of byK6.operations) {
    const [one, other] = ['by-k6', 'by-node'].map((name) => middleOf(name, op));
    expect([op, one, other, one && other && one.from <= other.to && other.from <= one.to]).toEqual([
      op,
      one,
      other,
      true,
    ]);
  }
  expect(shapeOf(read('by-k6', 'report.json').scenarios)).toEqual(shapeOf(read('by-node', 'report.json').scenarios));
});

test('gates that are missed fail both, and a folder that is judged anew says the same', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const short = { ...SMOKE, for: '1s', checks: 'off' };
  const codes = await Promise.all([
    run('missed-by-node', { ...short, gate: ['p50_ms < 0.001'] }),
    run('missed-by-k6', { ...short, gate: ['p50_ms < 0.001'], engine: 'k6' }),
  ]);
  expect(codes).toEqual([3, 3]);
  for (const name of ['missed-by-node', 'missed-by-k6']) {
    const before = readFileSync(at(name, 'verdict.json'), 'utf8');
    const { bytes_in, connections } = loadOf(name);
    expect(before).toContain('"missed"');
    await report(at(name));
    expect(readFileSync(at(name, 'verdict.json'), 'utf8')).toBe(before);
    expect(loadOf(name)).toMatchObject({ bytes_in, connections });
    expect(bytes_in).toBeGreaterThan(0);
  }
});

/** Who comes is drawn by the seed. */
const DRAWN = { ...SMOKE, arrivals: 'poisson' } as const;

test('whom the seed draws comes by both engines, and latencies of k6 count from due', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  expect(await run('drawn-by-node', { ...DRAWN, gate: MET, checks: 'off' })).toBe(0);
  expect(await run('drawn-by-k6', { ...DRAWN, gate: MET, engine: 'k6' })).toBe(0);
  const [node, byK6] = [loadOf('drawn-by-node'), loadOf('drawn-by-k6')];
  expect(byK6.due).toEqual(node.due);
  expect(byK6.stages.map(({ due }) => due)).toEqual(node.stages.map(({ due }) => due));
  expect(byK6.due.count).not.toBe(loadOf('by-node').due.count);
  // Of the first op of each visit.
  expect(byK6.lag.count).toBe(byK6.outcomes);
  expect(byK6.lag.max).toBeGreaterThan(0);
});

test('an arrival that finds no VU free is dropped, and those that k6 never got to make the load inconclusive', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const one = (plan: Plan): Plan => ({ ...plan, limits: { ...plan.limits, in_flight_max: 1 } });
  expect(await run('crowded', { ...DRAWN, mix: 'chat', engine: 'k6', gate: MET.slice(0, 1) }, {}, one)).toBe(2);
  const { due, dropped, operations } = loadOf('crowded');
  expect(due.count).toBe(loadOf('drawn-by-k6').due.count);
  expect(dropped).toBeGreaterThan(due.count / 2);
  // Each who came said three things.
  expect(operations[0]?.goodput.due).toBe(3 * (due.count - dropped));
  expect(verdictOf('crowded').reasons.join()).toContain('dropped');
  k6ThatDoes('idle', `echo '${SAMPLE}'`);
  expect(await run('idle', { ...DRAWN, engine: 'k6', gate: MET.slice(0, 1) })).toBe(2);
  expect(verdictOf('idle').reasons.join()).toMatch(/k6 told of 0 of \d+ arrivals.*in_flight_max/);
});

test('three segments of k6 merged are the whole in counts, and one that is missing is refused', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const names = ['1/3', '2/3', '3/3'];
  const codes = await Promise.all(
    names.map((shard, place) => run(`part-${place + 1}`, { ...DRAWN, gate: MET.slice(0, 1), engine: 'k6', shard })),
  );
  expect(codes).toEqual([0, 0, 0]);
  const segments = names.map((_, place) => at(`part-${place + 1}`));
  await expect(merge({ segments: segments.slice(1), out: at('holed') })).rejects.toThrow('Shard 1 of 3 is missing');
  expect(await merge({ segments, out: at('merged') })).toBe(0);
  const [whole, merged] = [loadOf('drawn-by-k6'), loadOf('merged')];
  const countsOf = ({ due, outcomes, events, terminal, operations }: LoadRecord) => ({
    due: due.count,
    outcomes,
    events: events.count,
    tasks: terminal.count,
    operations: operations.map(({ op, goodput, ended }) => [op, goodput.due, ended]),
  });
  expect(whole.dropped + merged.dropped).toBe(0);
  expect(countsOf(merged)).toEqual(countsOf(whole));
  expect(loadOf('part-1').due.count).toBeLessThan(whole.due.count / 2);
  const before = readFileSync(at('merged', 'verdict.json'), 'utf8');
  await report(at('merged'));
  expect(readFileSync(at('merged', 'verdict.json'), 'utf8')).toBe(before);
});

/** A k6 that writes down its process id before it is one. */
function k6ThatTellsItsPid(program: string, name: string): { readonly pid: () => number } {
  const [path, file] = [at(`${name}-k6`), at(`${name}.pid`)];
  writeFileSync(path, `#!/bin/sh\n[ "$1" = run ] && echo $$ > '${file}'\nexec '${program}' "$@"\n`);
  chmodSync(path, 0o755);
  vi.stubEnv('K6_BINARY', path);
  return { pid: () => Number(readFileSync(file, 'utf8')) };
}

/** Users come, and have been told of. */
const hasBegun = (name: string) =>
  expect
    .poll(() => existsSync(at(name, 'history.jsonl')) && readFileSync(at(name, 'history.jsonl'), 'utf8'), {
      timeout: 30_000,
    })
    .toContain('"loading"');

/** Who is broken off has no answer. */
const LONG = { atOnce: 2, for: '60s', mix: 'ask', gate: ['error_rate < 50%'], engine: 'k6' } as const;

test('a k6 that is killed is inconclusive, and what it had measured is kept', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const { pid } = k6ThatTellsItsPid(k6.path, 'killed');
  const running = run('killed', LONG);
  await hasBegun('killed');
  process.kill(pid(), 'SIGKILL');
  expect(await running).toBe(2);
  expect(verdictOf('killed').reasons.join()).toContain('k6 was killed by SIGKILL');
  expect(loadOf('killed').outcomes).toBeGreaterThan(0);
});

test('a stop file, a cap and an abort rule end k6, and say so', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const { pid } = k6ThatTellsItsPid(k6.path, 'stopped');
  const stopped = run('stopped', LONG, { stopFile: at('stop') });
  await hasBegun('stopped');
  writeFileSync(at('stop'), '');
  expect(await stopped).toBe(130);
  expect(() => process.kill(pid(), 0)).toThrow('ESRCH');
  expect(verdictOf('stopped')).toMatchObject({ verdict: 'inconclusive', ended: 'interrupted' });
  expect(loadOf('stopped').outcomes).toBeGreaterThan(0);
  vi.unstubAllEnvs();
  const codes = await Promise.all([
    run('capped', { ...LONG, maxRequests: 100 }),
    run('aborted', { ...LONG, abort: ['p50_ms > 0.001 for 200ms'] }),
  ]);
  expect(codes).toEqual([2, 2]);
  expect(verdictOf('capped').reasons.join()).toContain('its cap of 100 requests (--max-requests)');
  expect(loadOf('capped').outcomes).toBeGreaterThan(100);
  expect(verdictOf('aborted').reasons.join()).toContain('stopped by an abort rule');
});

/** A k6 that is nothing but these lines of a shell. */
function k6ThatDoes(name: string, lines: string): void {
  const path = at(`${name}-k6`);
  const version = `k6 v2.2.0 (go1.26.8, linux/amd64)\nExtensions:\n  muster/k6/a2a , k6/x/a2a [js]`;
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = version ]; then printf '${version}\n'; exit; fi\n${lines}\n`);
  chmodSync(path, 0o755);
  vi.stubEnv('K6_BINARY', path);
}

const SAMPLE = JSON.stringify({
  metric: 'a2a_call_duration',
  type: 'Point',
  data: { time: new Date().toISOString(), value: 2, tags: { operation: 'SendMessage', outcome: 'ok' } },
});

test.each([
  [
    'init',
    `echo '{"level":"error","msg":"there is no agent()"}' >&2; exit 107`,
    /the script threw before the load began.*k6 said: there is no agent\(\)/,
  ],
  ['thrown', `echo '${SAMPLE}'; echo '{"level":"error","msg":"thrown"}' >&2`, /k6 said: thrown/],
  ['torn', `echo '${SAMPLE}'; printf '{"metric":"a2a_ca'`, /samples of k6 break off within line 2/],
  ['junk', `echo '${SAMPLE}'; echo junk`, /1 of 2 lines of its samples cannot be read/],
  ['nothing', 'exit 0', /Nothing was measured/],
])('a k6 that ends oddly is never green: %s', async (name, lines, reason) => {
  k6ThatDoes(name, lines);
  expect(await run(name, { ...SMOKE, engine: 'k6', gate: ['error_rate < 1%'] })).toBe(2);
  expect(verdictOf(name).reasons.join()).toMatch(reason);
});

test('what k6 cannot do is refused before anything is sent, and who has none is told how to get one', async () => {
  const refused = (args: LoadArguments) => run('refused', args).then(String, (error: Error) => error.message);
  expect(await refused({ ...SMOKE, engine: 'k6', checks: 'on' })).toContain('--checks: k6 keeps nothing of what');
  expect(await refused({ ...SMOKE, engine: 'k6', transport: 'grpc' })).toContain('it speaks jsonrpc or rest');
  vi.stubEnv('K6_BINARY', at('nowhere'));
  expect(await refused({ ...SMOKE, engine: 'k6' })).toMatch(
    /there is no such file.*muster load --engine k6 --build-k6/,
  );
  expect(existsSync(at('refused'))).toBe(false);
});
