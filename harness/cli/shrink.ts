/** `muster shrink DIR`: makes a failing run smaller until nothing can be taken away, and says how often what is left comes back. */

import { readPlan } from '../run/folder.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { untilInterrupted } from './interrupt.ts';
import { readRun } from './judge.ts';
import { printSummary, writeReports, writeVerdict } from './results.ts';
import { describeTarget } from './run.ts';
import { readFor, say } from './shrink/reading.ts';
import { shrinkFindings } from './shrink/shrink-findings.ts';

export async function shrink(args: {
  readonly dir: string;
  readonly for: string;
  readonly finding?: number | undefined;
}): Promise<number> {
  const for_ms = readFor('--for', args.for);
  const [plan, run] = [await readPlan(args.dir), await readRun(args.dir)];
  const findings = run.verdict.scenarios.reduce((sum, { findings }) => sum + findings.length, 0);
  if (findings === 0) throw new UsageError(`Failed to shrink "${args.dir}": the run has no findings`);
  if (args.finding !== undefined && !(Number.isInteger(args.finding) && args.finding >= 1 && args.finding <= findings))
    throw new UsageError(`--finding: there is no finding ${args.finding}; the run has ${findings}`);
  process.stdout.write(`muster ${plan.muster}, seed ${plan.seed}, ${describeTarget(plan)}\n`);
  using interrupted = untilInterrupted();
  const shrunk = await shrinkFindings({
    plan,
    record: run.record,
    folder: run.folder,
    for_ms,
    number: args.finding,
    signal: interrupted.signal,
    say,
  });
  const again = await readRun(args.dir);
  await writeVerdict(again.folder, again.verdict);
  await writeReports(again.folder, again.record);
  printSummary(again.record, again.folder);
  if (shrunk > 0) return 1;
  return interrupted.signal.aborted ? EXIT.interrupted : 0;
}
