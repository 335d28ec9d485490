/**
 * What a run found joins what was known. Nothing that somebody wrote is lost: entries keep their reasons and dates, and
 * those that this run did not see stay, unless asked otherwise. In the order of their fingerprints, so that two people's
 * changes meet in few lines.
 */
import type { BaselineEntry } from '../model/baseline.ts';
import type { BaselineEntryRecord } from '../model/record.ts';

export interface BaselineWish {
  /** Of new entries, and of those that have none yet; empty when somebody is to write them. */
  readonly reason: string;
  readonly until: string;
  /** Drops what this run could have seen and did not. */
  readonly prune: boolean;
}

export interface MergedBaseline {
  readonly findings: readonly BaselineEntry[];
  readonly added: readonly BaselineEntry[];
  readonly dropped: readonly BaselineEntry[];
}

export function mergeBaseline(
  known: readonly BaselineEntryRecord[],
  seen: readonly string[],
  { reason, until, prune }: BaselineWish,
): MergedBaseline {
  const isDropped = ({ status }: BaselineEntryRecord): boolean => prune && status === 'not-seen';
  const kept = known
    .filter((entry) => !isDropped(entry))
    .map((entry) => ({ ...toEntry(entry), reason: entry.reason.trim() === '' ? reason : entry.reason }));
  const names = new Set(known.map(({ finding }) => finding));
  const added = [...new Set(seen)]
    .filter((finding) => !names.has(finding))
    .map((finding): BaselineEntry => ({ finding, reason, until }));
  const findings = [...kept, ...added].sort((a, b) => (a.finding < b.finding ? -1 : 1));
  return { findings, added, dropped: known.filter(isDropped).map(toEntry) };
}

const toEntry = ({ finding, reason, until }: BaselineEntry): BaselineEntry => ({ finding, reason, until });
