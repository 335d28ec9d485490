/** `muster run`: plan, run, judge, report. */
import { readFile } from 'node:fs/promises';
import { checks } from '../checks/table.ts';
import type { Plan } from '../model/plan.ts';
import { makeRunFolder, parsePlan } from '../run/folder.ts';
import { TargetError } from '../run/options.ts';
import { type RunResult, runPlan } from '../run/run-plan.ts';
import type { PlanArguments } from './arguments.ts';
import { UsageError } from './exit-codes.ts';
import { untilInterrupted } from './interrupt.ts';
import { liveFrom } from './live.ts';
import { k6For } from './load/k6.ts';
import { refuseUnsafe } from './load/refuse.ts';
import { showLoad } from './load/show-load.ts';
import { showProgress } from './progress.ts';
import { printSummary, writeReports, writeVerdict } from './results.ts';
import { planFrom } from './settings.ts';
import { readFor, say } from './shrink/reading.ts';
import { shrinkFindings } from './shrink/shrink-findings.ts';
import { withProofs } from './shrink/shrunk-files.ts';

/** In a package everything is compiled, this file too; so the neighbour has the extension that this file has. */
export const LOAD_WORKER = new URL(`./load-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Relative to where muster was called. */
export const RUNS_FOLDER = 'reports/runs';

export async function run(
  args: PlanArguments & {
    readonly out?: string | undefined;
    readonly plan?: string | undefined;
    readonly shrinkFor?: string | undefined;
  },
): Promise<number> {
  const shrink_ms = args.shrinkFor === undefined ? undefined : readFor('--shrink-for', args.shrinkFor);
  const plan = args.plan === undefined ? await planFrom(args) : await readPlanFile(args.plan);
  process.stdout.write(`muster ${plan.muster}, seed ${plan.seed}, ${describeTarget(plan)}\n`);
  using interrupted = untilInterrupted();
  const { result, folder } = await carryOut(plan, args.out, interrupted.signal);
  // Nothing was tested, so a table of verdicts would only hide the sentence that helps.
  if (result.error instanceof TargetError) throw new UsageError(result.error.message);
  printSummary(await shrunkRecord(plan, result, folder, shrink_ms, interrupted.signal), folder);
  if (result.error !== undefined) throw result.error;
  return result.verdict.exit_code;
}

/** After a failing run, what it found is made smaller where that was asked for. */
async function shrunkRecord(
  plan: Plan,
  { record, verdict }: RunResult,
  folder: string,
  for_ms: number | undefined,
  signal: AbortSignal,
): Promise<RunResult['record']> {
  if (for_ms === undefined || verdict.verdict !== 'fail' || signal.aborted) return record;
  await shrinkFindings({ plan, record, folder, for_ms, signal, say });
  const shrunk = await withProofs(record, folder);
  await writeReports(folder, shrunk);
  return shrunk;
}

/** Runs a plan into a folder of its own and writes everything that a run folder holds. */
export async function carryOut(
  plan: Plan,
  out: string | undefined,
  signal: AbortSignal,
  { latest = true, quiet = false }: { readonly latest?: boolean; readonly quiet?: boolean } = {},
): Promise<{ readonly result: RunResult; readonly folder: string }> {
  refuseUnsafe(plan);
  const live = await liveFrom(plan);
  const k6 = await k6For(plan);
  const name = plan.scenarios.length === 1 ? (plan.scenarios[0]?.name ?? 'run') : 'suite';
  const folder = await makeRunFolder(
    out === undefined ? { parent: RUNS_FOLDER, name, now: new Date(), latest } : { folder: out },
  );
  using progress = plan.load === undefined ? showProgress(plan, process.stdout) : showLoad(plan, process.stdout);
  const { onEvent, measures } = progress;
  const shown = quiet ? {} : { onEvent, ...(measures && { measures }) };
  const result = await runPlan({
    plan,
    ...live,
    checks,
    folder,
    signal,
    load_worker: LOAD_WORKER,
    ...shown,
    ...(k6 && { k6 }),
  });
  await writeVerdict(folder, result.verdict);
  await writeReports(folder, result.record);
  return { result, folder };
}

export async function readPlanFile(path: string): Promise<Plan> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`Failed to read the plan "${path}": ${error instanceof Error ? error.message : error}`);
  });
  return parsePlan(text, path);
}

export function describeTarget({ target, mode }: Plan): string {
  switch (target.kind) {
    case 'fixture':
      return mode === 'simulated' ? `fixture ${target.name}, simulated` : `fixture ${target.name}`;
    case 'command':
      return `command ${target.command}`;
    case 'url':
      return target.url;
  }
}
