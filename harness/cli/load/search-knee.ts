/**
 * Carries the search for the knee out, try after try, within its time and the caps of its load. What it needs of the world it is
 * handed, so that it can be held against agents that are functions.
 */
import type { LoadCaps, LoadPlan } from '../../model/load.ts';
import type { Plan } from '../../model/plan.ts';
import { type Knee, type KneeTry, kneeOf, nextRate } from '../../plan/knee-search.ts';
import { payable, sizeOf } from '../../plan/load-caps.ts';
import type { KneeSettings } from './settings.ts';

/** With fewer visits no percentile of a try means anything, so a try at a low rate lasts longer. */
const VISITS_MIN = 30;

export type LoadPlanned = Plan & { readonly load: LoadPlan };

/** What one try came to, in the words of its report. */
export interface TryResult {
  readonly outcome: KneeTry['outcome'];
  readonly operations: number;
  readonly gates: readonly { readonly gate: string; readonly status: string; readonly value: number | null }[];
  readonly reasons: readonly string[];
}

export interface TryRecord extends TryResult {
  readonly rate_per_s: number;
  readonly seed: number;
  readonly for_ms: number;
}

export interface SearchEffects {
  run(plan: LoadPlanned): Promise<TryResult>;
  pause(ms: number): Promise<void>;
  now(): number;
  readonly signal: AbortSignal;
  onTry(record: TryRecord): void;
}

export interface SearchResult {
  readonly knee: Knee;
  readonly tries: readonly TryRecord[];
  /** Why it ended before it was complete. */
  readonly cut?: 'time' | 'caps' | 'interrupted';
}

export async function searchKnee(
  plan: LoadPlanned,
  settings: KneeSettings,
  effects: SearchEffects,
): Promise<SearchResult> {
  const { question, pause_ms, for_ms } = settings;
  const began_ms = effects.now();
  const tries: TryRecord[] = [];
  let cut: SearchResult['cut'];
  for (;;) {
    const rate_per_s = nextRate(question, tries);
    if (rate_per_s === undefined) break;
    const next = planTry(plan, settings, rate_per_s, tries);
    cut = whyNot(next, { left_ms: for_ms - (effects.now() - began_ms) - pause_ms, signal: effects.signal });
    if (cut !== undefined) break;
    if (tries.length > 0) await effects.pause(pause_ms);
    const result = await effects.run(next);
    // What an interrupted try shows is not what the agent does.
    if (effects.signal.aborted) continue;
    const record = { ...result, rate_per_s, seed: next.seed, for_ms: sizeOf(next.load).duration_ms };
    tries.push(record);
    effects.onTry(record);
  }
  return { knee: kneeOf(question, tries), tries, ...(cut === undefined ? {} : { cut }) };
}

/** A constant rate; with arrivals of its own, so that luck does not come back with every try. */
function planTry(
  plan: LoadPlanned,
  { each_ms }: KneeSettings,
  rate_per_s: number,
  tries: readonly TryRecord[],
): LoadPlanned {
  const for_ms = Math.max(each_ms, Math.ceil((VISITS_MIN / rate_per_s) * 1000));
  const used = tries.reduce((sum, { operations }) => sum + operations, 0);
  const stage = { from_per_s: rate_per_s, to_per_s: rate_per_s, for_ms };
  const arrivals = plan.load.demand.kind === 'open' ? plan.load.demand.arrivals : 'even';
  return {
    ...plan,
    seed: plan.seed + tries.length,
    limits: { ...plan.limits, scenario_ms_max: plan.limits.scenario_ms_max + for_ms },
    load: { ...plan.load, demand: { kind: 'open', stages: [stage], arrivals }, caps: leftOf(plan.load.caps, used) },
  };
}

/** All tries together keep the caps: what was asked may all have been messages. */
function leftOf(caps: LoadCaps, used: number): LoadCaps {
  const { cost, requests_max } = caps;
  return {
    ...caps,
    requests_max: requests_max - used,
    ...(cost === undefined ? {} : { cost: { ...cost, max: cost.max - used * cost.per_message } }),
  };
}

function whyNot(
  { load }: LoadPlanned,
  { left_ms, signal }: { readonly left_ms: number; readonly signal: AbortSignal },
): SearchResult['cut'] {
  if (signal.aborted) return 'interrupted';
  const { duration_ms, requests = 0, messages = 0 } = sizeOf(load);
  const { cost, requests_max } = load.caps;
  if (requests > requests_max || (cost !== undefined && messages > payable(cost))) return 'caps';
  return duration_ms > left_ms ? 'time' : undefined;
}

/** One sentence. */
export function describeKnee({ knee, cut }: SearchResult): string {
  const { highest, next, limit, complete } = knee;
  const rate = ({ rate_per_s, kept, tries }: NonNullable<Knee['highest']>): string =>
    `${rate_per_s} visits per second (${kept} of ${tries} tries)`;
  const why = { time: 'its time was over', caps: 'more would have broken a cap', interrupted: 'it was interrupted' };
  const early = complete || cut === undefined ? '' : ` The search is not complete, for ${why[cut]}.`;
  if (highest === null && next === null)
    return `Nothing is known of the knee: ${cut === undefined ? 'nothing was tried' : why[cut]}.`;
  if (highest === null && next !== null) {
    return limit === 'unknown'
      ? `Nothing is known of the agent: already at ${rate(next)} the load itself went wrong.${early}`
      : `The agent does not keep its gates at ${rate(next)}, the lowest rate that was asked for.${early}`;
  }
  const kept = highest === null ? '' : `The agent keeps its gates at ${rate(highest)}`;
  if (next === null) return `${kept}, and nothing higher was ${complete ? 'asked for' : 'tried'}.${early}`;
  if (limit === 'unknown')
    return `${kept}; at ${rate(next)} the load itself went wrong, so the knee may be higher.${early}`;
  return `${kept}, and not at ${rate(next)}.${early}`;
}

/** As of a run: 0 found · 2 not known · 3 not even the lowest rate · 130 interrupted. */
export function kneeExitCode({ knee, cut }: SearchResult): number {
  if (cut === 'interrupted') return 130;
  if (!knee.complete || knee.limit === 'unknown') return 2;
  return knee.highest === null ? 3 : 0;
}
