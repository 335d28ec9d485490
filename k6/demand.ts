/**
 * From the demand of a load to the scenario of k6 that has it: rates that are no whole numbers, pieces that begin with a jump, limits, and
 * arrivals that were drawn beforehand, for which there is no executor.
 */
import type { Options, Scenario } from 'k6/options';
import type { K6LoadFile } from '../harness/engines/k6/load-file.ts';

/** k6 takes whole numbers only: so rates are given for that long, and not for a second. */
const UNIT_S = 1_000;
/** VUs are made beforehand, for making one takes time that the load would miss; beyond this they are made when needed. */
const READY_MAX = 500;

/** Whoever is due first is there by then. */
export const LEAD_MS = 1_000;

const perUnit = (per_s: number): number => Math.round(per_s * UNIT_S);
const ms = (duration_ms: number): string => `${Math.max(1, Math.round(duration_ms))}ms`;

/** `drawn`: how many arrivals were drawn beforehand, where they were. */
export function scenarioOf({ demand, in_flight_max, settle_ms_max }: K6LoadFile, drawn?: number): Scenario {
  const gracefulStop = ms(settle_ms_max);
  if (demand.kind === 'closed') {
    return { executor: 'constant-vus', vus: demand.at_once, duration: ms(demand.for_ms), gracefulStop };
  }
  if (drawn !== undefined) {
    // Each VU takes the next of them and waits until he is due; who is taken when he was due already found none free. After the last
    // one, those that are left over are taken and dropped.
    const length_ms = demand.stages.reduce((sum, { for_ms }) => sum + for_ms, 0);
    const maxDuration = ms(LEAD_MS + length_ms + settle_ms_max);
    const iterations = Math.max(1, drawn);
    return {
      executor: 'shared-iterations',
      vus: Math.min(in_flight_max, iterations),
      iterations,
      maxDuration,
      gracefulStop: '0s',
    };
  }
  const vus = { preAllocatedVUs: Math.min(in_flight_max, READY_MAX), maxVUs: in_flight_max };
  const timeUnit = `${UNIT_S}s`;
  const [first, ...more] = demand.stages;
  if (first !== undefined && more.length === 0 && first.from_per_s === first.to_per_s) {
    const rate = perUnit(first.from_per_s);
    return { executor: 'constant-arrival-rate', rate, timeUnit, duration: ms(first.for_ms), ...vus, gracefulStop };
  }
  const stages = demand.stages.flatMap(({ from_per_s, to_per_s, for_ms }, index) => {
    const before = demand.stages[index - 1]?.to_per_s ?? from_per_s;
    const jump = before === from_per_s ? [] : [{ target: perUnit(from_per_s), duration: '0s' }];
    return [...jump, { target: perUnit(to_per_s), duration: ms(for_ms) }];
  });
  const startRate = perUnit(first?.from_per_s ?? 0);
  return { executor: 'ramping-arrival-rate', startRate, timeUnit, stages, ...vus, gracefulStop };
}

export function optionsOf(load: K6LoadFile, drawn?: number): Options {
  return {
    scenarios: { load: scenarioOf(load, drawn) },
    userAgent: load.user_agent,
    // Each tag is written with each sample.
    systemTags: ['scenario', 'name', 'method', 'status', 'error', 'expected_response'],
  };
}
