/** `muster judge DIR` and `muster report DIR`: what a run folder says, without running anything. */
import { access, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { checks } from '../checks/table.ts';
import { readHistory } from '../history/read.ts';
import { decodeMetrics } from '../judge/encode-metrics.ts';
import { startJudge } from '../judge/judge.ts';
import { startRecord, toRecord } from '../judge/record.ts';
import type { Plan } from '../model/plan.ts';
import type { RunRecord, Verdict } from '../model/record.ts';
import { FILES, readPlan } from '../run/folder.ts';
import { readSegment } from '../run/segment-file.ts';
import { UsageError } from './exit-codes.ts';
import { printSummary, writeReports, writeVerdict } from './results.ts';
import { withProofs } from './shrink/shrunk-files.ts';

export async function judge(directory: string): Promise<number> {
  const { verdict, record, folder } = await readRun(directory);
  await writeVerdict(folder, verdict);
  printSummary(record, folder);
  return verdict.exit_code;
}

export async function report(directory: string): Promise<number> {
  const { verdict, record, folder } = await readRun(directory);
  await writeVerdict(folder, verdict);
  await writeReports(folder, record);
  printSummary(record, folder);
  return 0;
}

/** Folds the history of a run folder anew, in one pass. */
export async function readRun(
  directory: string,
): Promise<{ readonly verdict: Verdict; readonly record: RunRecord; readonly folder: string }> {
  const folder = await realpath(resolve(directory)).catch(() => resolve(directory));
  const plan = await readPlan(folder);
  const path = join(folder, FILES.history);
  await access(path).catch(() => {
    throw new UsageError(`Failed to read "${path}": the run folder has no history, so there is nothing to judge`);
  });
  const told = await numbersApart(folder, plan);
  const judging = startJudge(plan, checks, told?.numbers);
  const gathering = startRecord(plan, told?.numbers);
  for (const event of readHistory(path, { torn: warnOfTornLine })) {
    judging.add(event);
    gathering.add(event);
  }
  if (told !== undefined) for (const taker of [judging, gathering]) taker.take(told.scenario, told.metrics);
  const verdict = judging.close((only) => readHistory(path, { only }));
  const record = toRecord(plan, verdict, gathering, basename(folder));
  return { verdict, record: await withProofs(record, folder), folder };
}

/** Of a load whose history does not tell all of its numbers; they are then in its segment. */
async function numbersApart(folder: string, plan: Plan) {
  const { load, scenarios } = plan;
  if (load === undefined) return undefined;
  const segment = await readSegment(folder).then(
    (read) => read.segment,
    () => undefined,
  );
  if (segment === undefined || (segment.merged_from === undefined && load.checks === 'on')) return undefined;
  // A run that was killed has left none.
  if (segment.metrics === null) return undefined;
  const metrics = decodeMetrics(segment.metrics);
  return { numbers: 'taken' as const, scenario: scenarios[0]?.name ?? '', metrics };
}

function warnOfTornLine({ line, bytes }: { readonly line: number; readonly bytes: number }): void {
  process.stderr.write(
    `muster: the run was cut off while it wrote line ${line} (${bytes} bytes of it); everything before is there\n`,
  );
}
