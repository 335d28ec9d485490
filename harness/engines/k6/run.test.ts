/** The real k6 with our extension, against real agents on loopback: what it was asked to do it did, and what broke is told. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { findFixture } from '../../../fixtures/table.ts';
import { builtInProfiles } from '../../cli/load/profiles.ts';
import { planLoadFrom } from '../../cli/load/settings.ts';
import { lengthOf } from '../../plan/due-times.ts';
import { k6LoadOf } from './load-of-plan.ts';
import { runK6, segmentOf, startK6 } from './run.ts';
import { type Bench, k6OrWhyNot, openBench, says, startStub, sumsOf } from './testing.ts';
import { K6_SCRIPTS, turnsOf } from './turns.ts';

const k6 = await k6OrWhyNot();
const benches: Bench[] = [];
afterAll(() => {
  for (const bench of benches) bench[Symbol.dispose]();
});
const benchAt = (url: string): Bench => {
  const bench = openBench(url);
  benches.push(bench);
  return bench;
};

/** On a busy machine k6 finds no VU free, and tells of it. */
const arrivalsIn = (sums: Readonly<Record<string, number>>): number =>
  (sums['iterations'] ?? 0) + (sums['dropped_iterations'] ?? 0);

/** On a busy machine a task is over before it is cancelled, or subscribed to again. */
const COMES_TOO_LATE = ['TaskNotCancelableError', 'UnsupportedOperationError'];

test('the real k6: as many come as the profile says, to an agent of the SDK, and each is told of', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const program = k6.path;
  const echo = findFixture('echo');
  if (echo === undefined) throw new Error('there is no fixture echo');
  await using agent = await echo.start({ port: 0 });
  const demand = {
    kind: 'open',
    arrivals: 'even',
    stages: [{ from_per_s: 20, to_per_s: 20, for_ms: 1_520 }],
  } as const;
  const phrases = { short: '{token}', slow: 'slow {chunks} {gap_ms} {token}' };
  const mix = K6_SCRIPTS.map((script) => ({ script, weight: 1, turns: turnsOf(script, phrases) ?? [] }));
  const bench = benchAt(agent.url);
  for (const { transport, operation, reasons, counts, sums, run } of await Promise.all(
    (['jsonrpc', 'rest'] as const).map(async (transport) => {
      const options = bench.options(program, { demand, mix, target: { url: agent.url, transport } });
      const run = await runK6(options);
      const { sums: operation } = await sumsOf(options.samples, 'operation');
      const { sums: reason } = await sumsOf(options.samples, 'reason');
      const reasons = Object.keys(reason).flatMap((key) => /^a2a_calls (\w.*)/.exec(key)?.[1] ?? []);
      return { transport, run, operation, reasons, ...(await sumsOf(options.samples)) };
    }),
  )) {
    expect([transport, run]).toMatchObject([transport, { ended: 'finished', code: 0, errors: 0 }]);
    expect(counts).toMatchObject({ unreadable: 0 });
    expect(counts.truncated).toBeUndefined();
    expect(arrivalsIn(sums)).toBeGreaterThanOrEqual(29);
    expect(arrivalsIn(sums)).toBeLessThanOrEqual(31);
    expect(sums['a2a_calls']).toBeGreaterThan(sums['iterations'] ?? 0);
    expect(sums['http_reqs']).toBe(sums['a2a_calls']);
    expect(reasons.filter((reason) => !COMES_TOO_LATE.includes(reason))).toEqual([]);
    expect(counts.metrics.get('a2a_time_to_first_event')).toEqual({ type: 'trend', contains: 'time', thresholds: [] });
    for (const name of ['SendMessage', 'SendStreamingMessage', 'SubscribeToTask', 'GetTask', 'CancelTask']) {
      expect([name, operation[`a2a_calls ${name}`]]).toEqual([name, expect.any(Number)]);
    }
    const streams = operation['a2a_calls SendStreamingMessage'] ?? 0;
    expect(operation['a2a_events SendStreamingMessage']).toBeGreaterThan(2 * streams);
  }
});

test('the real k6: three segments are together the whole', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const program = k6.path;
  await using stub = await startStub();
  const stages = [
    { from_per_s: 4, to_per_s: 16, for_ms: 1_000 },
    { from_per_s: 30, to_per_s: 30, for_ms: 520 },
    // The last of 25 comes well before the end.
    { from_per_s: 0, to_per_s: 0, for_ms: 480 },
  ];
  const demand = { kind: 'open', arrivals: 'even', stages } as const;
  const bench = benchAt(stub.url);
  const users = [0, 1, 2, 3].map((n) => ({ id: `u${n}`, headers: { authorization: `Bearer ${n}` } }));
  const parts = [undefined, 1, 2, 3].map((index) =>
    bench.options(program, { demand, users, seed: index ?? 0 }, index === undefined ? {} : { shard: { index, of: 3 } }),
  );
  await Promise.all(parts.map((part) => runK6(part)));
  const [whole = 0, ...of] = await Promise.all(
    parts.map(async (part) => arrivalsIn((await sumsOf(part.samples)).sums)),
  );
  expect(whole).toBe(25);
  expect(of.reduce((sum, n) => sum + n, 0)).toBe(whole);
  expect(Math.min(...of)).toBeGreaterThan(0);
  expect([...new Set(stub.requests.map(({ user }) => user))].sort()).toEqual(
    users.map(({ headers }) => headers.authorization),
  );
});

test('the real k6: refusals, resets and silence are told by their names', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const program = k6.path;
  await using stub = await startStub();
  const bench = benchAt(stub.url);
  const told = async (text: string, changes: Parameters<Bench['options']>[1]) => {
    const options = bench.options(program, { mix: says(text), ...changes });
    const run = await runK6(options);
    const { sums } = await sumsOf(options.samples, 'reason');
    return [run.ended, Object.keys(sums).filter((key) => key.startsWith('a2a_calls')), run.errors];
  };
  const [refused, reset, late, hung] = await Promise.all([
    told('refuse', {}),
    told('reset', {}),
    told('hang', { answer_ms_max: 100 }),
    told('hang', { settle_ms_max: 1, demand: { kind: 'closed', at_once: 2, for_ms: 1_000 } }),
  ]);
  expect(refused).toEqual(['finished', ['a2a_calls UnsupportedOperationError'], 0]);
  expect(reset).toEqual(['finished', ['a2a_calls connection-lost'], 0]);
  expect(late).toEqual(['finished', ['a2a_calls timeout'], 0]);
  // A stream that the end of the load broke off was left by its reader.
  expect(hung).toEqual(['finished', ['a2a_calls -'], 0]);
});

test('the real k6: who ends it early, by asking or by force, keeps what was measured', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const program = k6.path;
  await using stub = await startStub();
  const bench = benchAt(stub.url);
  const demand = { kind: 'closed', at_once: 2, for_ms: 60_000 } as const;
  const stop = new AbortController();
  const asked = bench.options(program, { demand }, { signal: stop.signal });
  const forced = bench.options(program, { demand }, { samples: `${bench.folder}/plain.json` });
  const running = [startK6(asked), startK6(forced)] as const;
  await expect.poll(() => stub.requests.length, { timeout: 30_000 }).toBeGreaterThan(500);
  await expect
    .poll(async () => (await sumsOf(forced.samples)).sums['a2a_calls'] ?? 0, { timeout: 30_000 })
    .toBeGreaterThan(0);
  stop.abort();
  expect(await running[0].ended).toMatchObject({ ended: 'stopped', code: 105 });
  const { sums, counts } = await sumsOf(asked.samples);
  expect(sums['a2a_calls']).toBeGreaterThan(0);
  expect(counts.truncated).toBeUndefined();
  process.kill(running[1].pid, 'SIGKILL');
  expect(await running[1].ended).toMatchObject({ ended: 'stopped', code: null, signal: 'SIGKILL' });
  expect((await sumsOf(forced.samples)).sums['a2a_calls']).toBeGreaterThan(0);
});

test('the real k6: what cannot begin says why', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const program = k6.path;
  const bench = benchAt('http://127.0.0.1:9');
  const [nobody, noFile, badNumbers] = await Promise.all([
    runK6(bench.options(program, {})),
    runK6(bench.options(program, {}, { load: '/nowhere/load.json' })),
    runK6(bench.options(program, { target: { url: 'http://127.0.0.1:9', card: {} }, stall_ms: -1 })),
  ]);
  expect(nobody).toMatchObject({ ended: 'broken', code: 107 });
  expect(nobody.error_lines.join()).toContain('failed to read the agent card at http://127.0.0.1:9/.well-known');
  expect(noFile).toMatchObject({ ended: 'broken', code: 107 });
  expect(noFile.error_lines.join()).toContain('/nowhere/load.json');
  expect(badNumbers).toMatchObject({ ended: 'broken', code: 108 });
  expect(badNumbers.error_lines.join()).toContain('the agent card does not offer JSONRPC or HTTP+JSON');
});

test('the real k6: the proxy of the environment is honoured', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const program = k6.path;
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const env = { ...process.env, HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  const run = await runK6(benchAt('http://agent.invalid').options(program, {}, { env }));
  proxy.close();
  proxy.closeAllConnections();
  expect(run.error_lines.join()).toContain('HTTP status 503');
  expect(asked).toEqual(['GET http://agent.invalid/.well-known/agent-card.json']);
});

test('segments of one load meet without a gap', () => {
  expect([1, 2, 3].map((index) => segmentOf({ index, of: 3 })[0])).toEqual([
    '--execution-segment=0:1/3',
    '--execution-segment=1/3:2/3',
    '--execution-segment=2/3:1',
  ]);
  expect(segmentOf({ index: 1, of: 1 })).toEqual(['--execution-segment=0:1', '--execution-segment-sequence=0,1']);
});

test('the real k6: takes every profile that comes along', async (context) => {
  if (k6.path === undefined) return context.skip(k6.why);
  const program = k6.path;
  const bench = benchAt('http://127.0.0.1:9');
  const told = await Promise.all(
    builtInProfiles().map(async (profile) => {
      const { plan } = await planLoadFrom({ profile, engine: 'k6', arrivals: 'even', seed: 1 });
      const file = k6LoadOf(plan, { url: 'http://127.0.0.1:9', users: [] });
      const { script, load } = bench.options(program, file);
      const env = { ...process.env, K6_AUTO_EXTENSION_RESOLUTION: 'false' };
      const args = ['inspect', '--execution-requirements', '--env', `MUSTER_LOAD=${load}`, script];
      const { maxVUs, totalDuration } = JSON.parse((await promisify(execFile)(program, args, { env })).stdout);
      // After the last arrival, those who are there may end.
      const last_ms = lengthOf(plan.load.demand) + plan.policy.settle_ms_max;
      return [profile, maxVUs - plan.limits.in_flight_max, millisecondsOf(totalDuration) - last_ms];
    }),
  );
  expect(told).toEqual(builtInProfiles().map((name) => [name, 0, 0]));
});

/** As Go writes it: `2h2m2s`. */
function millisecondsOf(duration: string): number {
  const in_ms: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };
  return [...duration.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (in_ms[unit ?? ''] ?? 0),
    0,
  );
}
