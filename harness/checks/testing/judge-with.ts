/** Runs checks over a list of events, pairing each outcome with its op as the judge does. For tests, and for nothing else. */
import { startPairing } from '../../judge/pairing.ts';
import { startTrial } from '../../judge/scenario-trial.ts';
import type { Check, CheckResult } from '../../model/check.ts';
import type { HistoryEvent } from '../../model/history.ts';
import type { Plan, Policy, ScenarioPlan } from '../../model/plan.ts';

const scenario: ScenarioPlan = {
  name: 'example',
  title: 'An example',
  family: 'concurrent users',
  capabilities: [],
  users: 2,
  devices: 1,
  process: 'any',
  load: { shape: 'closed' },
  faults: [],
  idle_ms_max: 1_000,
  must_exercise: [],
};

const plan: Plan = {
  schema: 'muster.plan/1',
  muster: '0.0.0',
  seed: 1,
  target: { kind: 'fixture', name: 'echo' },
  identity: { kind: 'bearer' },
  phrasebook: {},
  policy: {
    answer_ms_max: 30_000,
    cancel_ms_max: 2_000,
    stream_close_ms_max: 1_000,
    settle_ms_max: 5_000,
    recovery_ms_max: 5_000,
    join_ms_max: 1_000,
    peer_attempts_max: 20,
    sent_again: 'any',
    after_leaving: 'any',
    contexts: 'of-one-user',
    durable: 'not-promised',
    fair_index_min: 0.4,
    stall_ms_max: 400,
    kept_kb_max: 256,
    push_ms_max: 2_000,
    private_hooks: 'any',
    harness_lag_ms_max: 500,
  },
  limits: {
    in_flight_max: 100,
    answer_bytes_max: 1_000_000,
    stream_events_max: 1_000,
    scenario_ms_max: 60_000,
    ready_ms_max: 10_000,
  },
  ports: { from: 'os', first: 5000, last: 9000, block: 5, spacing: 10, exclude: [] },
  gates: [],
  flags: [],
  scenario_names: ['example'],
  scenarios: [scenario],
};

/** Throws what the check throws. */
export function judgeWith(check: Check, events: readonly HistoryEvent[], policy: Partial<Policy> = {}): CheckResult {
  const faults = events.flatMap((event) => (event.type === 'fault' && event.phase === 'asked' ? [event.fault] : []));
  const trial = startTrial({ ...plan, policy: { ...plan.policy, ...policy } }, { ...scenario, faults }, [check]);
  const pair = startPairing();
  for (const event of events) trial.add(event, pair(event));
  const [outcome] = trial.close();
  if (outcome?.result == null) throw new Error(`${check.name} crashed: ${outcome?.crash?.message}`);
  return outcome.result;
}
