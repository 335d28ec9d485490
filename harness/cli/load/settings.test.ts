/** Flags win over profiles, profiles over the config, and the config over defaults; whatever is wrong is told, all of it, before a plan is there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replayLine } from '../../judge/replay.ts';
import type { UsageError } from '../exit-codes.ts';
import type { LoadArguments } from './arguments.ts';
import { planLoadFrom } from './settings.ts';

const refusalOf = async (args: LoadArguments): Promise<readonly string[]> => {
  const error: UsageError = await planLoadFrom(args).then(
    () => expect.unreachable('it was planned'),
    (reason) => reason,
  );
  return error.message
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
};

function folderWith(files: Readonly<Record<string, string>>): Disposable & { readonly path: (file: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'muster-load-'));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return {
    path: (file) => join(folder, file),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test('with no flag at all it is the smoke profile on the embedded fixture', async () => {
  const { plan, knee } = await planLoadFrom({ seed: 1 });
  expect(knee).toBeUndefined();
  expect(plan).toMatchObject({
    seed: 1,
    target: { kind: 'fixture', name: 'echo' },
    gates: ['error_rate < 1%'],
    scenarios: [{ name: 'load', family: 'load', users: 5, devices: 1, capabilities: ['streaming'] }],
    load: {
      profile: 'smoke',
      engine: 'node',
      demand: { kind: 'open', arrivals: 'even', stages: [{ from_per_s: 4, to_per_s: 4, for_ms: 10_000 }] },
      mix: [
        { script: 'ask', weight: 3 },
        { script: 'stream', weight: 1 },
      ],
      checks: 'on',
      allowed_hosts: [],
      abort: [{ gate: 'error_rate <= 50%', for_ms: 5_000 }],
    },
  });
});

test('flags take the place of what a profile says, and add to its gates and abort rules', async () => {
  const { plan } = await planLoadFrom({
    seed: 1,
    profile: 'smoke',
    rate: '5..50',
    for: '2m',
    arrivals: 'poisson',
    mix: 'ask,chat=2',
    users: 7,
    checks: 'sample',
    gate: ['p95_ms < 500'],
    abort: ['p95_ms > 5000 for 10s'],
    retryAfter: false,
    shard: '2/3',
    maxRequests: 50_000,
    inFlight: 30,
  });
  expect(plan.gates).toEqual(['error_rate < 1%', 'p95_ms < 500']);
  expect(plan.limits.in_flight_max).toBe(30);
  expect(plan.limits.scenario_ms_max).toBeGreaterThan(120_000 + 10_000);
  expect(plan.scenarios).toMatchObject([{ users: 7, capabilities: [] }]);
  expect(plan.load).toMatchObject({
    demand: { arrivals: 'poisson', stages: [{ from_per_s: 5, to_per_s: 50, for_ms: 120_000 }] },
    mix: [
      { script: 'ask', weight: 1 },
      { script: 'chat', weight: 2 },
    ],
    checks: 'sample',
    heeds_retry_after: false,
    shard: { index: 2, of: 3 },
    connections_max: 60,
    abort: [{ gate: 'error_rate <= 50%' }, { gate: 'p95_ms <= 5000', for_ms: 10_000 }],
    caps: { requests_max: 50_000, rate_per_s_max: 1_000 },
  });
});

test('one pasted line makes the plan again', async () => {
  const args: LoadArguments = {
    rate: '5',
    for: '1s',
    mix: 'ask=3,stream=1',
    gate: ['p95_ms < 5'],
    retryAfter: false,
    seed: 9,
  };
  const { plan } = await planLoadFrom(args);
  expect(replayLine(plan, 'load')).toBe(
    "npx muster load --rate 5 --for 1s --mix ask=3,stream=1 --no-retry-after --gate 'p95_ms < 5' --seed 9",
  );
});

test('a config brings profiles, hosts and caps of its own', async () => {
  using folder = folderWith({
    'muster.config.mjs': `export default {
      url: 'https://agent.example.com',
      load: {
        allowed_hosts: ['agent.example.com'],
        caps: { rate_per_s: 50, for: '10m' },
        profiles: { night: { title: 'at night', load: { shape: 'closed', at_once: 4, for: '5m' }, caps: { rate_per_s: 20 } } },
      },
    };`,
  });
  const config = folder.path('muster.config.mjs');
  const { plan } = await planLoadFrom({ config, profile: 'night', maxUsers: 9, seed: 1 });
  expect(plan).toMatchObject({
    target: { kind: 'url' },
    scenarios: [{ title: 'at night', users: 4 }],
    load: {
      profile: 'night',
      demand: { kind: 'closed', at_once: 4, for_ms: 300_000 },
      caps: { rate_per_s_max: 20, users_max: 9, duration_ms_max: 600_000, requests_max: 1_000_000 },
    },
  });
  expect(await refusalOf({ config, rate: '51', for: '11m' })).toEqual([
    expect.stringMatching(/^--max-rate: the load may come to 51 visits per second, and at most 50 are allowed/),
    expect.stringMatching(/^--max-for: the load may come to 660 s of duration, and at most 600 s are allowed/),
  ]);
});

test('what is wrong with a config or a profile of a file is told with its place', async () => {
  using folder = folderWith({
    'muster.config.mjs': `export default { load: { allowed_hosts: ['*.example.com'], caps: { requests: 0 }, profiles: { A: 1 } } };`,
    'mine.json': JSON.stringify({ load: { shape: 'constant', rate_per_s: -1, for: '1s' } }),
    'broken.json': '{',
  });
  const [config, mine, broken] = [
    folder.path('muster.config.mjs'),
    folder.path('mine.json'),
    folder.path('broken.json'),
  ];
  expect(await refusalOf({ config, profile: mine })).toEqual([
    expect.stringMatching(/load\.allowed_hosts\.0: "\*\.example\.com" stands for many hosts/),
    expect.stringMatching(/load\.caps\.requests: it is not a whole number of requests/),
    expect.stringMatching(/load\.profiles\.A: /),
    expect.stringMatching(/mine\.json: title: /),
    expect.stringMatching(/mine\.json: load\.rate_per_s: nobody comes at this rate/),
  ]);
  expect(await refusalOf({ profile: broken })).toEqual([expect.stringMatching(/^--profile: .* cannot be read/)]);
  expect(await refusalOf({ profile: folder.path('none.json') })).toEqual([
    expect.stringMatching(/cannot be read: ENOENT/),
  ]);
  expect(await refusalOf({ profile: 'smok' })).toEqual([
    '--profile: there is no "smok"; there are breakpoint, load, smoke, soak, spike, stress, and files, whose names end in .json',
  ]);
});

test('nobody but this machine is loaded who was not named', async () => {
  expect(await refusalOf({ url: 'https://agent.example.com/a2a' })).toEqual([
    expect.stringMatching(/^--url: agent\.example\.com is not this machine, .* give --allow-host agent\.example\.com,/),
  ]);
  expect(await refusalOf({ url: 'http://10.0.0.1', allowHost: ['10.0.0.2'] })).toHaveLength(1);
  const { plan } = await planLoadFrom({ url: 'https://agent.example.com', allowHost: ['agent.example.com'], seed: 1 });
  expect(plan.load.allowed_hosts).toEqual(['agent.example.com']);
  expect((await planLoadFrom({ url: 'http://localhost:5000', seed: 1 })).plan.load.allowed_hosts).toEqual([]);
});

test('numbers that contradict each other are refused with what to do', async () => {
  expect(await refusalOf({ rate: '5', atOnce: 5 })).toEqual([
    expect.stringMatching(/^--rate, --at-once: .* give one of the two/),
  ]);
  expect(await refusalOf({ profile: 'spike', for: '1m' })).toEqual([
    '--for: a load of the shape "spike" has times of its own; change them in the profile',
  ]);
  expect(await refusalOf({ rate: '5', users: 5, workers: 2, shard: '1/3' })).toEqual([
    '--users: 5 users cannot be dealt among 3 shards of 2 workers each; give at least 6 with --users, or fewer of these',
  ]);
  expect(await refusalOf({ maxCost: 5 })).toEqual([
    expect.stringMatching(/^--max-cost, --cost-per-message: each needs/),
  ]);
  expect(await refusalOf({ rate: '10', for: '10s', maxCost: 5, costPerMessage: 0.1 })).toEqual([
    expect.stringMatching(/^--max-cost: the load may come to 10 of cost, and at most 5/),
  ]);
  expect(await refusalOf({ sourceAddress: ['eth0'], connections: 0, workers: 1.5 })).toHaveLength(3);
});

test('a search for the knee needs a range and a gate, and has a time', async () => {
  expect(await refusalOf({ findKnee: true, rate: '5' })).toEqual(
    [
      expect.stringMatching(/^--find-knee: .* give --rate 1\.\.500/),
      expect.stringMatching(/^--find-knee: .* give one, such as --gate/),
    ].slice(0, 1),
  );
  expect(await refusalOf({ findKnee: true, rate: '1..500' })).toEqual([
    expect.stringMatching(/such as --gate 'p95_ms < 500'/),
  ]);
  const { plan, knee } = await planLoadFrom({
    findKnee: true,
    rate: '1..500',
    gate: ['p95_ms < 50'],
    for: '2m',
    seed: 1,
  });
  expect(knee).toEqual({
    question: { from_per_s: 1, to_per_s: 500, within_percent: 5, tries: 3 },
    each_ms: 5_000,
    pause_ms: 1_000,
    for_ms: 120_000,
  });
  expect(plan.load.demand).toMatchObject({ stages: [{ from_per_s: 500, to_per_s: 500, for_ms: 5_000 }] });
});
