/** Runs checks over a list of events, pairing each outcome with its op as the judge does. For tests, and for nothing else. */
import { startPairing } from '../../judge/pairing.ts';
import { wholeEvidence } from '../../judge/recall.ts';
import { startTrial } from '../../judge/scenario-trial.ts';
import { smallPlan, smallScenario } from '../../judge/testing.ts';
import type { Check, CheckResult } from '../../model/check.ts';
import type { HistoryEvent } from '../../model/history.ts';
import type { Policy } from '../../model/plan.ts';

const example = smallScenario('example', { users: 2, idle_ms_max: 1_000 });
/** What the written histories were written for. */
const POLICY: Partial<Policy> = {
  answer_ms_max: 30_000,
  stream_close_ms_max: 1_000,
  join_ms_max: 1_000,
  push_ms_max: 2_000,
  harness_lag_ms_max: 500,
};

/** Throws what the check throws. */
export function judgeWith(check: Check, events: readonly HistoryEvent[], policy: Partial<Policy> = {}): CheckResult {
  const faults = events.flatMap((event) => (event.type === 'fault' && event.phase === 'asked' ? [event.fault] : []));
  const scenario = { ...example, faults };
  const plan = smallPlan([scenario]);
  const trial = startTrial({ ...plan, policy: { ...plan.policy, ...POLICY, ...policy } }, scenario, [check]);
  const pair = startPairing();
  for (const event of events) trial.add(event, pair(event));
  const [outcome] = trial.close();
  if (outcome?.result == null) throw new Error(`${check.name} crashed: ${outcome?.crash?.message}`);
  const { findings } = outcome.result;
  const whole = wholeEvidence(findings, () => events);
  return { ...outcome.result, findings: findings.map((one) => ({ ...one, evidence: whole(one.evidence) })) };
}
