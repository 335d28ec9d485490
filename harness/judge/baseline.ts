/**
 * Findings held against the baseline of the plan. There is no clock here: today is the day on which the run began, so that
 * a run gets the same verdict whenever it is judged. An entry whose time is over accepts nothing, and is told all the same.
 */
import type { BaselineEntry } from '../model/baseline.ts';
import type { BaselineEntryRecord, FindingRecord, ScenarioVerdict } from '../model/record.ts';

/** `2026-11-21`, in UTC; null for what is no time, on which nothing is accepted. */
export function dayOf(started_at: string | undefined): string | null {
  return /^\d{4}-\d\d-\d\d(?=T.*Z$)/.exec(started_at ?? '')?.[0] ?? null;
}

/** The finding with what the baseline says of it. It is accepted when every one of its fingerprints is. */
export function holdAgainst(
  entries: readonly BaselineEntry[],
  day: string | null,
  finding: FindingRecord,
): FindingRecord {
  const known = entries
    .filter(({ finding: fingerprint }) => finding.fingerprints.includes(fingerprint))
    .map((entry) => ({ ...entry, expired: isExpired(entry, day) }));
  if (known.length === 0) return finding;
  const accepted = new Set(known.filter(({ expired }) => !expired).map(({ finding: fingerprint }) => fingerprint));
  const isAccepted = finding.fingerprints.every((fingerprint) => accepted.has(fingerprint));
  return { ...finding, ...(isAccepted ? { accepted: true } : {}), known };
}

/** What became of each entry in a run. Only a check that had something to judge can have missed what it knows. */
export function followEntries(
  entries: readonly BaselineEntry[],
  day: string | null,
  scenarios: readonly ScenarioVerdict[],
): readonly BaselineEntryRecord[] {
  const seen = new Set(scenarios.flatMap(({ findings }) => findings.flatMap(({ fingerprints }) => fingerprints)));
  const judged = new Set(
    scenarios.flatMap(({ checks }) => checks.filter(({ evidence }) => evidence > 0).map(({ check }) => check)),
  );
  return entries.map((entry) => {
    const check = entry.finding.split('/', 1)[0] ?? '';
    const status = seen.has(entry.finding) ? 'seen' : judged.has(check) ? 'not-seen' : 'not-judged';
    return { ...entry, expired: isExpired(entry, day), status };
  });
}

const isExpired = ({ until }: BaselineEntry, day: string | null): boolean => day === null || day > until;
