/**
 * The whole of which a plan may be a shard. Shards belong together when their wholes are the same, so whatever a shard may have of
 * its own must be left out here, and nothing else.
 */
import type { Plan } from '../model/plan.ts';

export function wholePlan(plan: Plan): Plan {
  if (plan.load === undefined) return plan;
  const { shard: _, ...load } = plan.load;
  return { ...plan, load, flags: withoutShard(plan.flags) };
}

/** The same text for plans that do the same, in whatever order their members were written and however they were asked for. */
export function textOfWhole(plan: Plan): string {
  const { flags: _, ...rest } = wholePlan(plan);
  return JSON.stringify(inOrder(rest));
}

const FLAG = '--shard';

function withoutShard(flags: readonly string[]): readonly string[] {
  return flags.filter((flag, place) => flag !== FLAG && !flag.startsWith(`${FLAG}=`) && flags[place - 1] !== FLAG);
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}
