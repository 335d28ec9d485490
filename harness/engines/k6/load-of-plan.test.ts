/** What k6 is given of a plan; and that it is given nothing where it would do something else than the plan says. */
import { expect, test } from 'vitest';
import type { LoadPlan } from '../../model/load.ts';
import type { Plan } from '../../model/plan.ts';
import { DEFAULT_LIMITS, DEFAULT_POLICY } from '../../plan/defaults.ts';
import { k6ArgumentsOf, k6EnvironmentOf, k6LoadOf } from './load-of-plan.ts';

const LOAD = {
  demand: { kind: 'open', arrivals: 'even', stages: [{ from_per_s: 2, to_per_s: 2, for_ms: 10_000 }] },
  mix: [
    { script: 'ask', weight: 3 },
    { script: 'stream', weight: 1 },
  ],
  stall_ms: 700,
  heeds_retry_after: false,
  checks: 'off',
  workers: 1,
} as const satisfies Partial<LoadPlan>;

const planWith = (load: Partial<LoadPlan>, more: Partial<Plan> = {}): Plan =>
  ({
    muster: '9.9.9',
    seed: 4,
    limits: DEFAULT_LIMITS,
    policy: DEFAULT_POLICY,
    phrasebook: { short: { text: 'say {token}' }, slow: { text: 'slowly {chunks} {gap_ms} {token}' } },
    load: { ...LOAD, ...load },
    ...more,
  }) as Plan;

const CAST = { url: 'http://127.0.0.1:5000', users: [{ id: 'ann', headers: { authorization: 'Bearer ann' } }] };

test('every number of the file is one of the plan', () => {
  const file = k6LoadOf(planWith({}, { transport: 'rest' }), CAST);
  expect(file).toMatchObject({
    seed: 4,
    target: { url: CAST.url, transport: 'rest' },
    demand: LOAD.demand,
    users: CAST.users,
    tag_users: true,
    in_flight_max: DEFAULT_LIMITS.in_flight_max,
    answer_ms_max: DEFAULT_POLICY.answer_ms_max,
    stall_ms: 700,
    heeds_retry_after: false,
    user_agent: expect.stringContaining('muster/9.9.9'),
  });
  expect(file.mix.map(({ script, weight, turns }) => [script, weight, turns[0]?.text])).toEqual([
    ['ask', 3, 'say {token}'],
    ['stream', 1, 'slowly 7 20 {token}'],
  ]);
  expect(JSON.parse(JSON.stringify(file))).toEqual(file);
});

test('what k6 cannot do is refused, all of it at once', () => {
  const stages = [{ from_per_s: 1e7, to_per_s: 1e7, for_ms: 400 }];
  const plan = planWith(
    {
      engine: 'k6',
      demand: { kind: 'open', arrivals: 'poisson', stages },
      mix: [{ script: 'mine', weight: 1 }],
      checks: 'on',
      workers: 2,
    },
    { transport: 'mixed' },
  );
  expect(() => k6LoadOf(plan, CAST)).toThrow(
    /no script "mine", but ask, chat.*not mixed.*1000000 of them at most, and poisson brings some 4000000 .*this is 400 ms.*--checks off.*--workers.*--engine node/,
  );
  const { load: _none, ...without } = planWith({});
  expect(() => k6LoadOf(without, CAST)).toThrow('it holds no load');
});

test('addresses and HTTP/2 are told to k6 where it looks for them', () => {
  expect(k6ArgumentsOf({ source_addresses: ['127.0.0.2', '127.0.0.3'] })).toEqual(['--local-ips=127.0.0.2,127.0.0.3']);
  expect([k6ArgumentsOf({ source_addresses: [] }), k6EnvironmentOf({ http2: true })]).toEqual([[], {}]);
  expect(k6EnvironmentOf({ http2: false })).toEqual({ GODEBUG: 'http2client=0' });
});
