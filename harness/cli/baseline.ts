/**
 * `muster baseline DIR`: accepts what a run found, for a while. It invents no reason: one that nobody gave is left empty,
 * and a run refuses the file until somebody has written it.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dayOf, followEntries } from '../judge/baseline.ts';
import type { BaselineEntry } from '../model/baseline.ts';
import { reasonOf } from '../model/reason-of.ts';
import type { BaselineEntryRecord, RunRecord } from '../model/record.ts';
import { readPlan } from '../run/folder.ts';
import { baselineText, readBaseline, untilSchema } from './baseline-file.ts';
import { UsageError } from './exit-codes.ts';
import { quote } from './flags.ts';
import { readRun } from './judge.ts';
import { type MergedBaseline, mergeBaseline } from './merge-baseline.ts';

export interface BaselineArguments {
  readonly dir: string;
  readonly out?: string | undefined;
  readonly reason?: string | undefined;
  readonly until?: string | undefined;
  readonly prune: boolean;
}

const DEFAULT_PATH = 'muster.baseline.json';
const ACCEPTED_DAYS = 30;

export async function baseline(args: BaselineArguments): Promise<number> {
  const lines = await acceptFindings(args, new Date());
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** Writes the file, and gives what is to be said of it. */
export async function acceptFindings(args: BaselineArguments, now: Date): Promise<readonly string[]> {
  const problems: string[] = [];
  const until = untilOf(args.until, now, problems);
  if (args.reason?.trim() === '')
    problems.push('--reason: it is empty; leave it out, and write the reasons into the file');
  const { record, folder } = await readRun(args.dir);
  if (args.prune && record.run.ended !== 'finished') {
    problems.push(
      `--prune: this run ${record.run.ended === 'crashed' ? 'ended early' : 'was interrupted'}, so what it did not see may still be there`,
    );
  }
  const path = args.out ?? (await readPlan(folder)).baseline?.path ?? DEFAULT_PATH;
  const old = existsSync(path) ? await readBaseline(path, problems, { reasons: 'may-be-missing' }) : [];
  if (problems.length > 0)
    throw new UsageError(`Failed to write the baseline:\n${problems.map((line) => `  ${line}`).join('\n')}`);

  const seen = record.scenarios.flatMap(({ findings }) => findings.flatMap(({ fingerprints }) => fingerprints));
  const known = followEntries(old, dayOf(now.toISOString()), record.scenarios);
  const merged = mergeBaseline(known, seen, { reason: args.reason?.trim() ?? '', until, prune: args.prune });
  if (merged.findings.length === 0 && old.length === 0) {
    return ['the run has no findings, so there is nothing to accept, and no file was written'];
  }
  await writeFile(path, baselineText(merged.findings)).catch((error: unknown) => {
    throw new UsageError(
      `Failed to write the baseline to "${path}": ${reasonOf(error)}. Name another file with --out FILE`,
    );
  });
  return tell(path, merged, known, record);
}

function untilOf(asked: string | undefined, now: Date, problems: string[]): string {
  if (asked === undefined) return new Date(now.getTime() + ACCEPTED_DAYS * 86_400_000).toISOString().slice(0, 10);
  const parsed = untilSchema.safeParse(asked);
  if (!parsed.success) problems.push(`--until: "${asked}" ${parsed.error.issues[0]?.message}`);
  else if (asked < now.toISOString().slice(0, 10)) problems.push(`--until: ${asked} is over already`);
  return asked;
}

function tell(
  path: string,
  { findings, added, dropped }: MergedBaseline,
  known: readonly BaselineEntryRecord[],
  record: RunRecord,
): readonly string[] {
  const kept = known.filter(({ finding }) => findings.some((entry) => entry.finding === finding));
  const unseen = kept.filter(({ status }) => status !== 'seen');
  const expired = kept.filter((entry) => entry.expired && entry.status === 'seen');
  const withoutReason = findings.filter(({ reason }) => reason.trim() === '');
  const lines = (title: string, entries: readonly BaselineEntry[]): readonly string[] =>
    entries.length === 0 ? [] : [title, ...entries.map(({ finding }) => `  ${finding}`)];
  return [
    `${path}: ${entriesOf(findings)}, of which ${added.length} new`,
    ...lines(`new, accepted until ${added[0]?.until}:`, added),
    ...lines('not seen in this run, and kept:', unseen),
    ...lines('not seen in this run, and dropped:', dropped),
    ...lines('seen again, but not accepted any more: give them a new date in the file, or mend them:', expired),
    ...(withoutReason.length > 0
      ? [
          `${entriesOf(withoutReason)} without a reason: write it into the file, or give one for all with --reason. Until then muster refuses the file`,
        ]
      : [`run with --baseline ${quote(path)}, or say \`baseline\` in the config`]),
    ...(record.run.ended === 'finished' ? [] : ['the run did not come to its end: another one may find more']),
  ];
}

const entriesOf = ({ length }: readonly unknown[]): string => (length === 1 ? '1 entry' : `${length} entries`);
