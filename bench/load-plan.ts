/** The plan of a load against a stub, with limits that nothing here reaches. */
import type { LoadPlan } from '../harness/model/load.ts';
import type { Phrasebook } from '../harness/model/phrasebook.ts';
import type { Plan } from '../harness/model/plan.ts';
import { DEFAULT_LIMITS, DEFAULT_POLICY, DEFAULT_PORTS } from '../harness/plan/defaults.ts';
import { makePlan } from '../harness/plan/make-plan.ts';
import { loadScenario } from '../harness/script/load-scenario.ts';
import { scenarios } from '../scenarios/table.ts';

const USERS = 1_000;
const MOST = 1e9;

export function loadPlanOf({
  url,
  phrasebook,
  ...changes
}: Pick<LoadPlan, 'demand' | 'mix' | 'checks' | 'connections_max'> & {
  readonly url: string;
  readonly phrasebook: Phrasebook;
}): Plan {
  const load: LoadPlan = {
    profile: 'bench',
    engine: 'node',
    sample_every: 100,
    workers: 1,
    objective_ms: 1_000,
    stall_ms: 1_000,
    dropped_percent_max: 1,
    heeds_retry_after: true,
    source_addresses: [],
    http2: false,
    caps: { rate_per_s_max: MOST, users_max: MOST, requests_max: MOST, bytes_max: MOST, duration_ms_max: MOST },
    allowed_hosts: [],
    abort: [],
    ...changes,
  };
  const plan = makePlan({
    muster: '0.0.0',
    seed: 1,
    target: { kind: 'url', url },
    scenarios: [loadScenario(load, new Map(scenarios.map((each) => [each.name, each])), USERS)],
    phrasebook,
    identity: { kind: 'bearer' },
    policy: { ...DEFAULT_POLICY, answer_ms_max: 60_000, settle_ms_max: 500 },
    limits: { ...DEFAULT_LIMITS, in_flight_max: 20_000 },
    ports: { ...DEFAULT_PORTS, from: 'os' },
    gates: [],
    flags: [],
    scenario_names: [],
  });
  return { ...plan, load };
}
