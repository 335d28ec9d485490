/** How a load is dealt: among shards, each of them a run, and within a run among workers. Whoever is to have a part needs one user at least. */
import type { LoadPlan, Shard } from '../../model/load.ts';

export function shardOf(text: string | undefined, problems: string[]): Shard | undefined {
  if (text === undefined) return undefined;
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of) return shard;
  problems.push(`--shard: "${text}" is no part of a whole; give i/N with i from 1 to N, such as 1/3`);
  return undefined;
}

export function dealProblems(
  { workers, shard }: Pick<LoadPlan, 'workers' | 'shard'>,
  users: number,
): readonly string[] {
  const parts = workers * (shard?.of ?? 1);
  if (parts <= users) return [];
  const what = shard === undefined ? `${workers} workers` : `${shard.of} shards of ${workers} workers each`;
  return [
    `--users: ${users} users cannot be dealt among ${what}; give at least ${parts} with --users, or fewer of these`,
  ];
}
