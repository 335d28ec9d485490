/**
 * `muster merge`: the shards of one load become the run that they are together, in a run folder like any other. Their numbers are
 * added, their histories become one, and checks and gates are judged on the whole.
 */
import { basename, join } from 'node:path';
import { checks } from '../checks/table.ts';
import { readHistory } from '../history/read.ts';
import { openHistory } from '../history/write.ts';
import { startJudge } from '../judge/judge.ts';
import { mergeMetrics } from '../judge/metrics.ts';
import { startRecord, toRecord } from '../judge/record.ts';
import type { Plan } from '../model/plan.ts';
import type { RunRecord, Verdict } from '../model/record.ts';
import { wholePlan } from '../plan/whole-plan.ts';
import { FILES, makeRunFolder, writePlan } from '../run/folder.ts';
import { writeSegment } from '../run/segment-file.ts';
import { followParts } from './merge/follow-parts.ts';
import { type Part, readParts } from './merge/read-parts.ts';
import { printSummary, writeReports, writeVerdict } from './results.ts';
import { RUNS_FOLDER } from './run.ts';

export interface MergeArguments {
  /** Run folders, or the segments in them. */
  readonly segments: readonly string[];
  readonly out?: string | undefined;
}

export async function merge({ segments, out }: MergeArguments): Promise<number> {
  const parts = await readParts(segments);
  const [first] = parts;
  if (first === undefined) throw new Error('Failed to merge: nothing is left of the segments that were read');
  const plan = wholePlan(first.segment.plan);
  const folder = await makeRunFolder(
    out === undefined ? { parent: RUNS_FOLDER, name: 'load', now: new Date(), latest: true } : { folder: out },
  );
  process.stdout.write(`muster ${plan.muster}, seed ${plan.seed}: ${parts.length} shards become one run\n`);
  const { verdict, record } = await mergeInto(folder, plan, parts);
  await writeVerdict(folder, verdict);
  await writeReports(folder, record);
  printSummary(record, folder);
  return verdict.exit_code;
}

async function mergeInto(
  folder: string,
  plan: Plan,
  parts: readonly Part[],
): Promise<{ readonly verdict: Verdict; readonly record: RunRecord }> {
  const scenario = plan.scenarios[0]?.name ?? '';
  const judging = startJudge(plan, checks, 'taken');
  const gathering = startRecord(plan, 'taken');
  await writePlan(folder, plan);
  {
    let now_ms = 0;
    await using history = openHistory(join(folder, FILES.history), { clock: () => now_ms });
    followParts(parts, (event, of, time_ms) => {
      now_ms = time_ms;
      const stamped = history.append(event, of);
      judging.add(stamped);
      gathering.add(stamped);
    });
  }
  const counted = parts.flatMap(({ metrics }) => metrics ?? []);
  const metrics = counted.length === 0 ? undefined : counted.reduce(mergeMetrics);
  if (metrics !== undefined) {
    judging.take(scenario, metrics);
    gathering.take(scenario, metrics);
  }
  const verdict = judging.close((only) => readHistory(join(folder, FILES.history), { only }));
  const record = toRecord(plan, verdict, gathering, basename(folder));
  const clock = parts.find(({ offset_ms }) => offset_ms === 0)?.segment.clock;
  if (clock !== undefined) {
    const { ended, reasons } = verdict;
    const message = ended === 'finished' ? undefined : reasons.join('; ');
    await writeSegment(folder, plan, clock, {
      ended,
      message,
      events: record.run.events,
      metrics,
      vitals: record.vitals,
      merged_from: parts.length,
    });
  }
  return { verdict, record };
}
