/**
 * Whether a load stays within its caps, as far as that is known before it begins. What is not known, such as how fast a closed
 * load will go, is counted while it runs (harness/run/load-guard.ts).
 */
import type { Demand, LoadCaps, LoadPlan, MixPart } from '../model/load.ts';
import { lengthOf } from './due-times.ts';
import { mostOf } from './load-scripts.ts';
import { peakOf, visitsAtMost } from './make-load.ts';

/** Enough for a laptop and little enough for an accident: who wants more says so. */
export const DEFAULT_CAPS: LoadCaps = {
  rate_per_s_max: 1_000,
  users_max: 10_000,
  requests_max: 1_000_000,
  bytes_max: 10 * 1024 ** 3,
  duration_ms_max: 60 * 60_000,
};

export interface LoadSize {
  readonly duration_ms: number;
  /** Nothing where the agent sets the pace. */
  readonly peak_per_s: number | undefined;
  /** At most; nothing where that is not known beforehand. */
  readonly visits: number | undefined;
  readonly messages: number | undefined;
  /** Messages and all else. */
  readonly requests: number | undefined;
  /** In the unit of the caps; nothing where no price was given. */
  readonly cost: number | undefined;
}

export function sizeOf({ demand, mix, caps }: Pick<LoadPlan, 'demand' | 'mix' | 'caps'>): LoadSize {
  const visits = visitsAtMost(demand);
  const most = mostOf(mix);
  const messages = visits === undefined ? undefined : visits * most.messages;
  return {
    duration_ms: lengthOf(demand),
    peak_per_s: peakOf(demand),
    visits,
    messages,
    requests: visits === undefined ? undefined : visits * most.requests,
    cost: messages === undefined || caps.cost === undefined ? undefined : messages * caps.cost.per_message,
  };
}

/** So many messages can be paid for; a price such as 0.1 has no exact number, and is not to cost the last of them. */
export const payable = ({ per_message, max }: NonNullable<LoadCaps['cost']>): number =>
  Math.floor(max / per_message + 1e-9);

/** A sentence for each cap that the load would break, each with the flag that raises it. */
export function capProblems(load: {
  readonly demand: Demand;
  readonly mix: readonly MixPart[];
  readonly caps: LoadCaps;
  readonly users: number;
}): readonly string[] {
  const { caps, users } = load;
  const size = sizeOf(load);
  const at_once = load.demand.kind === 'closed' ? load.demand.at_once : 0;
  const over = (what: string, flag: string, value: number | undefined, max: number, unit = ''): readonly string[] =>
    value === undefined || value <= max
      ? []
      : [
          `${flag}: the load may come to ${tell(value)}${unit} ${what}, and at most ${tell(max)}${unit} are allowed; lower it, or raise the cap with ${flag} (caps in a profile or config) if the agent is to bear it`,
        ];
  return [
    ...over('visits per second', '--max-rate', size.peak_per_s, caps.rate_per_s_max),
    ...over('users', '--max-users', Math.max(users, at_once), caps.users_max),
    ...over('requests', '--max-requests', size.requests, caps.requests_max),
    ...over('of duration', '--max-for', size.duration_ms / 1000, caps.duration_ms_max / 1000, ' s'),
    ...(caps.cost === undefined || (size.messages ?? 0) <= payable(caps.cost)
      ? []
      : over('of cost', '--max-cost', size.cost, caps.cost.max)),
  ];
}

/** Readable, and the same on every machine. */
export const tell = (value: number): string =>
  String(Math.round(value * 100) / 100).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
