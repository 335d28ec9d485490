import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoadProfile, Scenario } from '../model/scenario.ts';
import { arrivals } from './arrivals.ts';
import { DEFAULT_LIMITS, DEFAULT_POLICY, DEFAULT_PORTS } from './defaults.ts';
import { makePlan, type PlanInput } from './make-plan.ts';
import { canaryOf, forkRandom } from './random.ts';

const anyRate = fc.double({ min: 0.1, max: 5000, noNaN: true });
const anyLoad: fc.Arbitrary<LoadProfile> = fc.oneof(
  fc.constant({ shape: 'closed' as const }),
  anyRate.map((rate_per_s) => ({ shape: 'constant' as const, rate_per_s })),
  fc.tuple(anyRate, anyRate).map(([from_per_s, to_per_s]) => ({ shape: 'ramp' as const, from_per_s, to_per_s })),
);

test('every user of every load shape is due once, in order, from zero on', () => {
  fc.assert(
    fc.property(anyLoad, fc.integer({ min: 1, max: 300 }), (load, users) => {
      const due = arrivals(load, users);
      expect(due).toHaveLength(users);
      expect(due[0]).toBe(0);
      expect(due.every((ms, index) => Number.isFinite(ms) && ms >= (due[index - 1] ?? 0))).toBe(true);
    }),
  );
});

test('a constant load brings its rate, and a ramp the mean of both of its rates', () => {
  expect(arrivals({ shape: 'constant', rate_per_s: 50 }, 101).at(-1)).toBe(2000);
  const ramp = arrivals({ shape: 'ramp', from_per_s: 10, to_per_s: 90 }, 101);
  expect(ramp.at(-1)).toBeGreaterThan(1900);
  expect(ramp.at(-1)).toBeLessThanOrEqual(2020);
  expect(ramp.filter((ms) => ms < 1000).length).toBeLessThan(ramp.filter((ms) => ms >= 1000).length);
});

test('the same names give the same random stream, and other names another', () => {
  fc.assert(
    fc.property(fc.integer(), fc.string(), fc.string(), (seed, one, other) => {
      const draw = (name: string) => Array.from({ length: 8 }, () => forkRandom(seed, name).between(0, 1e9)).join();
      expect(draw(one)).toBe(draw(one));
      if (one !== other) expect(forkRandom(seed, one).uuid()).not.toBe(forkRandom(seed, other).uuid());
    }),
  );
});

test('drawn numbers stay within their bounds and reach both', () => {
  const random = forkRandom(1, 'bounds');
  const drawn = new Set(Array.from({ length: 500 }, () => random.between(3, 6)));
  expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
});

test('ten thousand users of a run have ten thousand canaries, and another run has others', () => {
  const canaries = Array.from({ length: 10_000 }, (_, index) => canaryOf(7, 'aa', `u${index}`));
  expect(new Set(canaries).size).toBe(canaries.length);
  expect(canaries.every((canary) => /^mq[a-z2-7]{10}$/.test(canary))).toBe(true);
  expect(canaryOf(7, 'bb', 'u0')).not.toBe(canaries[0]);
});

const scenario: Scenario = {
  name: 'toy',
  title: 'A toy',
  family: 'recovery',
  needs: ['slow'],
  process: 'own',
  identities: true,
  users: 3,
  load: { shape: 'closed' },
  faults: [{ fault: 'kill', target: 'agent', begins: { at_ms: 1 }, for_ms: 2 }],
  mustExercise: ['recovers'],
  *script() {},
};
const input: PlanInput = {
  muster: '1.2.3',
  seed: 7,
  target: { kind: 'fixture', name: 'echo' },
  scenarios: [scenario],
  phrasebook: { slow: { text: 'slow {token}' } },
  identity: { kind: 'bearer' },
  policy: DEFAULT_POLICY,
  limits: DEFAULT_LIMITS,
  ports: DEFAULT_PORTS,
  gates: [],
  flags: [],
  scenario_names: [],
};
const obstacleOf = (changes: Partial<PlanInput>) => makePlan({ ...input, ...changes }).scenarios[0]?.not_applicable;

test('the same input gives the same plan, to the byte, and it survives JSON', () => {
  const text = JSON.stringify(makePlan(input));
  expect(JSON.stringify(makePlan({ ...input, seed: 8 }))).not.toBe(text);
  expect(JSON.stringify(makePlan(input))).toBe(text);
  expect(JSON.parse(text)).toEqual(makePlan(input));
});

test('a plan says why a scenario cannot be run on its target', () => {
  expect(obstacleOf({})).toBeUndefined();
  expect(obstacleOf({ phrasebook: {} })).toContain('`slow`');
  expect(obstacleOf({ identity: { kind: 'anonymous' } })).toContain('--identity bearer');
  const target = { kind: 'url', url: 'http://127.0.0.1:1' } as const;
  expect(obstacleOf({ target })).toContain('did not start');
  const swarm: Scenario['swarm'] = {
    faults: [
      { fault: 'memory', target: 'agent', left_mb: 1 },
      { fault: 'down', target: 'agent' },
    ],
    within_ms: 10,
    for_ms: { from: 1, to: 2 },
  };
  expect(obstacleOf({ target, allow_faults: true, scenarios: [{ ...scenario, swarm }] })).toContain(
    'will not hurt its process (`kill`, `memory`)',
  );
  const cut = { fault: 'cut', target: 'agent', begins: { at_ms: 0 }, for_ms: 1, after_events: 1 } as const;
  const cutsSome = { ...scenario, process: 'own' as const, faults: [{ ...cut, match: { nth: 1 } }] };
  expect(obstacleOf({ transport: 'rest', scenarios: [cutsSome] })).toBeUndefined();
  expect(obstacleOf({ transport: 'grpc', scenarios: [cutsSome] })).toContain('over gRPC');
  expect(obstacleOf({ transport: 'grpc', scenarios: [{ ...cutsSome, faults: [cut] }] })).toBeUndefined();
});

test('a scenario that speaks several transports is not for a run that names one, nor for faults before one address', () => {
  const { process: _, faults: __, ...harmless } = scenario;
  const compares = { ...harmless, transports: 'all' } as const;
  const cut = { fault: 'cut', target: 'agent', begins: { at_ms: 0 }, for_ms: 1, after_events: 1 } as const;
  expect(obstacleOf({ scenarios: [compares] })).toBeUndefined();
  expect(obstacleOf({ transport: 'mixed', scenarios: [compares] })).toBeUndefined();
  expect(obstacleOf({ transport: 'rest', scenarios: [compares] })).toContain('--transport rest names only one');
  expect(obstacleOf({ scenarios: [{ ...compares, faults: [cut] }] })).toContain('before one address');
  expect(obstacleOf({ transport: 'mixed' })).toBeUndefined();
  expect(obstacleOf({ transport: 'mixed', scenarios: [{ ...harmless, faults: [cut] }] })).toContain(
    'before one address',
  );
  const peer = { ...cut, target: 'peer' } as const;
  expect(obstacleOf({ transport: 'mixed', scenarios: [{ ...harmless, faults: [peer] }] })).toBeUndefined();
  expect(obstacleOf({ transport: 'mixed', scenarios: [{ ...harmless, isolation: 'os' }] })).toContain('one transport');
});

test('a scenario whose faults hurt a process has one of its own, also where the seed leaves them out', () => {
  const { process: _, faults: __, ...harmless } = scenario;
  const within = { within_ms: 10, for_ms: { from: 1, to: 2 }, leaves_out: 1 };
  const processOf = (changes: Partial<Scenario>) =>
    makePlan({ ...input, scenarios: [{ ...harmless, ...changes }] }).scenarios[0]?.process;
  const down = { fault: 'down', target: 'agent' } as const;
  const freeze = { fault: 'freeze', target: 'agent' } as const;
  expect(processOf({ swarm: { faults: [down, down], ...within } })).toBe('any');
  expect(processOf({ swarm: { faults: [down, freeze], ...within } })).toBe('own');
});

test('users and load of the command line stand in for the scenario’s own, but not where ports set the number', () => {
  const planned = makePlan({
    ...input,
    users: 40,
    load: { shape: 'constant', rate_per_s: 9 },
    scenarios: [scenario, { ...scenario, name: 'full', blocks: 2 }],
  });
  expect(planned.scenarios.map(({ users }) => users)).toEqual([40, 3]);
  expect(planned.scenarios[0]?.load).toEqual({ shape: 'constant', rate_per_s: 9 });
});
