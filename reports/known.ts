/**
 * What the baseline says of a run, in the words of every report. What is accepted stays in sight, but out of the way; what
 * was not seen is never called gone, since a race that did not happen this time may happen the next.
 */
import type { BaselineEntryRecord, FindingRecord, KnownRecord, RunRecord } from '../harness/model/record.ts';
import { count, listed } from './measure.ts';
import { findingsOf, type PlacedFinding } from './outcome.ts';

const FINGERPRINTS_SHOWN = 6;

export const isAccepted = ({ accepted }: FindingRecord): boolean => accepted === true;

/** New ones, and those that were accepted until lately. */
export const openFindings = (record: RunRecord): readonly PlacedFinding[] =>
  findingsOf(record).filter(({ finding }) => !isAccepted(finding));

export const acceptedFindings = (record: RunRecord): readonly PlacedFinding[] =>
  findingsOf(record).filter(({ finding }) => isAccepted(finding));

/** Whether the check was violated in this scenario by nothing but what is accepted. */
export function onlyAccepted({ findings }: { readonly findings: readonly FindingRecord[] }, check: string): boolean {
  const own = findings.filter((finding) => finding.check === check);
  return own.length > 0 && own.every(isAccepted);
}

/** `accepted until 2026-12-31: see #12`; nothing where the baseline does not know the finding at all. */
export function baselineWords({ fingerprints, known = [] }: FindingRecord): readonly string[] {
  if (known.length === 0) return [];
  const strange = fingerprints.filter((one) => !known.some(({ finding }) => finding === one));
  const groups = Map.groupBy(known, acceptanceOf);
  const isWhole = groups.size === 1 && strange.length === 0;
  return [
    ...[...groups].map(([words, entries]) => (isWhole ? words : `${words} (${namesOf(entries)})`)),
    ...(strange.length === 0 ? [] : [`new: ${listed(strange, FINGERPRINTS_SHOWN)}`]),
  ];
}

const acceptanceOf = ({ expired, until, reason }: KnownRecord): string =>
  `${expired ? 'was accepted' : 'accepted'} until ${until}: ${reason}`;

const namesOf = (entries: readonly KnownRecord[]): string =>
  listed(
    entries.map(({ finding }) => finding),
    FINGERPRINTS_SHOWN,
  );

/** Entries of the baseline that no finding of this run met, and what that means. */
export interface Unmet {
  readonly title: string;
  readonly meaning: string;
  readonly entries: readonly BaselineEntryRecord[];
}

export function unmetEntries({ baseline }: RunRecord): readonly Unmet[] {
  if (baseline === undefined) return [];
  const of = (status: BaselineEntryRecord['status']): readonly BaselineEntryRecord[] =>
    baseline.findings.filter((entry) => entry.status === status);
  const groups = [
    {
      title: 'Not seen this time',
      meaning: `Their checks had something to judge, so they may be mended; but a race may just not have happened. When they stay away, take them out of ${baseline.path}.`,
      entries: of('not-seen'),
    },
    {
      title: 'Not judged',
      meaning: 'Their checks had nothing to judge in this run, so it says nothing of them.',
      entries: of('not-judged'),
    },
  ];
  return groups.filter(({ entries }) => entries.length > 0);
}

/** `until 2026-12-31: see #12`. */
export const entryWords = ({ until, reason, expired }: BaselineEntryRecord): string =>
  `${expired ? 'was accepted until' : 'until'} ${until}: ${reason}`;

/** `3 findings`; where some are accepted, `1 open finding, 2 accepted`. */
export function findingCount(record: RunRecord): string {
  const accepted = acceptedFindings(record).length;
  const open = openFindings(record).length;
  return accepted === 0 ? count(open, 'finding') : `${count(open, 'open finding')}, ${accepted} accepted,`;
}
