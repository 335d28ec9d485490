/**
 * From a plan to what k6 is given. What k6 cannot do as the plan says is refused, all of it at once: a load that comes out otherwise than
 * the plan says would be compared with one that did not.
 */
import type { Transport } from '../../model/a2a.ts';
import type { Demand, LoadPlan } from '../../model/load.ts';
import type { Plan } from '../../model/plan.ts';
import { userAgentOf } from '../../model/user-agent.ts';
import { K6_LOAD_SCHEMA, type K6LoadFile } from './load-file.ts';
import { K6_SCRIPTS, turnsOf } from './turns.ts';

/** The plan is not one for k6. */
export class NotForK6 extends Error {
  override readonly name = 'NotForK6';
}

export interface K6Cast {
  readonly url: string;
  readonly card?: Readonly<Record<string, unknown>>;
  /** That is spoken where the plan names none. */
  readonly transport?: Transport;
  readonly users: K6LoadFile['users'];
  readonly scripts?: string;
  /** Of Poisson arrivals. */
  readonly due_ms?: readonly number[];
}

/** They lie in the memory of k6, each as a text of its own. */
const DRAWN_MAX = 1_000_000;
const DURATION_MS_MIN = 1_000;
/** With more of them, k6 would keep a series of each metric for each. */
const TAGGED_USERS_MAX = 100;

/** Whether k6 must be told when each of its users is due. */
export const isDrawn = (demand: Demand): boolean => demand.kind === 'open' && demand.arrivals === 'poisson';

/** Throws `NotForK6`. */
export function k6LoadOf(plan: Plan, cast: K6Cast): K6LoadFile {
  const { load, limits, policy, phrasebook } = plan;
  const transport = plan.transport ?? cast.transport;
  if (load === undefined)
    throw new NotForK6('Cannot run this plan with k6: it holds no load. Make one with `muster load`.');
  const phrases = {
    short: phrasebook.short?.text ?? '{token}',
    ...(phrasebook.slow && { slow: phrasebook.slow.text }),
  };
  const mix = load.mix.map(({ script, weight }) => ({ script, weight, turns: turnsOf(script, phrases) ?? [] }));
  const spoken = transport === 'jsonrpc' || transport === 'rest' ? transport : undefined;
  const problems = [
    ...mix.filter(({ turns }) => turns.length === 0).map(({ script }) => noScript(script)),
    ...(transport === undefined || spoken !== undefined ? [] : [noTransport(transport)]),
    ...problemsOf(load.demand),
    // A plan for the embedded engine may ask for more, and be given to k6 as far as it goes.
    ...(load.engine === 'k6' ? askedTooMuch(load) : []),
  ];
  if (problems.length > 0) {
    throw new NotForK6(
      `Cannot run this load with k6: ${problems.join('; ')}. Change that, or run it with --engine node.`,
    );
  }
  return {
    schema: K6_LOAD_SCHEMA,
    seed: plan.seed,
    target: { url: cast.url, ...(spoken && { transport: spoken }), ...(cast.card && { card: cast.card }) },
    demand: load.demand,
    ...(cast.due_ms && { due_ms: cast.due_ms }),
    mix,
    scripts: cast.scripts ?? '',
    users: cast.users,
    tag_users: cast.users.length <= TAGGED_USERS_MAX && cast.users.length > 0,
    in_flight_max: limits.in_flight_max,
    answer_ms_max: policy.answer_ms_max,
    stall_ms: load.stall_ms,
    answer_bytes_max: limits.answer_bytes_max,
    stream_events_max: limits.stream_events_max,
    settle_ms_max: policy.settle_ms_max,
    heeds_retry_after: load.heeds_retry_after,
    user_agent: userAgentOf(plan),
  };
}

const noScript = (script: string): string => `k6 has no script "${script}", but ${K6_SCRIPTS.join(', ')}`;

const noTransport = (transport: Transport | 'mixed'): string =>
  `it speaks jsonrpc or rest, one at a time, and not ${transport}`;

function askedTooMuch({ checks, workers }: LoadPlan): readonly string[] {
  return [
    ...(checks === 'off' ? [] : ['of what the agent says it keeps nothing, so nothing can be checked (--checks off)']),
    ...(workers === 1 ? [] : ['it takes all cores by itself, and is not dealt among workers (--workers)']),
  ];
}

function problemsOf(demand: Demand): readonly string[] {
  const duration_ms =
    demand.kind === 'open' ? demand.stages.reduce((sum, { for_ms }) => sum + for_ms, 0) : demand.for_ms;
  const arrivals =
    demand.kind === 'open'
      ? demand.stages.reduce(
          (sum, { from_per_s, to_per_s, for_ms }) => sum + ((from_per_s + to_per_s) * for_ms) / 2_000,
          0,
        )
      : 0;
  return [
    ...(isDrawn(demand) && arrivals > DRAWN_MAX
      ? [
          `it is handed when each of its users is due, ${DRAWN_MAX} of them at most, and poisson brings some ${Math.round(arrivals)} (--arrivals even has no such limit)`,
        ]
      : []),
    ...(duration_ms < DURATION_MS_MIN
      ? [`it runs for ${DURATION_MS_MIN} ms at least, and this is ${duration_ms} ms`]
      : []),
  ];
}

/** What of a load goes into the command line of k6. */
export function k6ArgumentsOf({
  source_addresses,
}: {
  readonly source_addresses: readonly string[];
}): readonly string[] {
  return source_addresses.length === 0 ? [] : [`--local-ips=${source_addresses.join(',')}`];
}

/** What of it goes into its environment: k6 takes HTTP/2 wherever TLS offers it, unless Go is told not to. */
export function k6EnvironmentOf({ http2 }: { readonly http2: boolean }): Readonly<Record<string, string>> {
  return http2 ? {} : { GODEBUG: 'http2client=0' };
}
